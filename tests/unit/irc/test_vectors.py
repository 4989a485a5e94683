"""The shared vectors of IRC parsers (``tests/data/parser-tests``)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from soju_actors.irc.hostnames import valid_hostname
from soju_actors.irc.masks import mask_matches
from soju_actors.irc.message import Message, format_tags, parse_message
from soju_actors.irc.source import nick_of, parse_source

_FOLDER = Path(__file__).parents[2] / "data" / "parser-tests"


def _vectors(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["tests"]
    assert cases
    return cases


@pytest.mark.parametrize("case", _vectors("msg-split"), ids=lambda case: case["input"])
def test_a_line_is_split(case: dict[str, Any]) -> None:
    atoms = case["atoms"]
    message = parse_message(case["input"])
    assert message.command == atoms["verb"].upper()
    assert list(message.params) == atoms.get("params", [])
    assert message.source == atoms.get("source", "")
    assert message.tag_map() == atoms.get("tags", {})
    assert {name: message.tag(name) for name in atoms.get("tags", {})} == atoms.get("tags", {})


@pytest.mark.parametrize("case", _vectors("msg-join"), ids=lambda case: case["matches"][0])
def test_a_message_is_joined(case: dict[str, Any]) -> None:
    atoms = case["atoms"]
    tags = format_tags(atoms.get("tags", {}))
    message = Message(atoms["verb"], tuple(atoms.get("params", ())), atoms.get("source", ""), tags)
    assert str(message) in case["matches"]


@pytest.mark.parametrize("case", _vectors("userhost-split"), ids=lambda case: case["source"])
def test_a_source_is_split(case: dict[str, Any]) -> None:
    atoms = case["atoms"]
    source = parse_source(case["source"])
    assert (source.nick, source.user, source.host) == tuple(atoms.get(part, "") for part in ("nick", "user", "host"))
    assert nick_of(case["source"]) == source.nick
    assert str(source) == case["source"]


@pytest.mark.parametrize("case", _vectors("mask-match"), ids=lambda case: case["mask"])
def test_a_mask_matches(case: dict[str, Any]) -> None:
    assert [text for text in case["matches"] if not mask_matches(case["mask"], text)] == []
    assert [text for text in case["fails"] if mask_matches(case["mask"], text)] == []


@pytest.mark.parametrize("case", _vectors("validate-hostname"), ids=lambda case: case["host"] or "empty")
def test_a_hostname_is_validated(case: dict[str, Any]) -> None:
    assert valid_hostname(case["host"]) is case["valid"]
