"""Messages of several lines, there and back. Spec: https://ircv3.net/specs/extensions/multiline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.filtering import View
from soju_actors.irc.message import parse_message
from soju_actors.irc.multiline import CONCAT, OWN, Limits, Part, compact, expanded, parse_limits, size_of, text_within

TEXTS = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]), max_size=8)
PARTS = st.lists(st.builds(Part, TEXTS, st.booleans()), min_size=2, max_size=6)
KNOWS = View.of({"batch", "message-tags", "draft/multiline"})
OTHER = View.of({"batch", "message-tags"})


def stored(parts: list[Part]) -> str:
    return compact(f"@msgid=x;account=b;+a=c :bob!b@h PRIVMSG #soju :{parts[0].text}", parts)


@given(PARTS)
def test_what_is_made_compact_is_expanded_to_what_it_was(parts: list[Part]) -> None:
    parts = [Part(parts[0].text), *parts[1:]]
    line = stored(parts)
    begin, *inside, end = map(parse_message, expanded([line], KNOWS, "n"))
    assert (begin.params[1:], begin.tags, begin.source) == (
        ("draft/multiline", "#soju"),
        "msgid=x;account=b;+a=c",
        "bob!b@h",
    )
    assert end.params == (f"-{begin.params[0][1:]}",)
    assert [Part(message.params[1], message.tag(CONCAT) is not None) for message in inside] == parts
    assert {message.tag("batch") for message in inside} == {begin.params[0][1:]}
    said = "".join(part.text if part.concat else f" {part.text}" for part in parts)[1:]
    assert text_within(line.partition(" PRIVMSG #soju :")[2]) == said


@given(PARTS)
def test_others_get_the_lines_that_are_not_empty(parts: list[Part]) -> None:
    lines = [parse_message(line) for line in expanded([":a b", stored(parts)], OTHER, "n")][1:]
    assert [message.params[1] for message in lines] == [part.text for part in parts if part.text]
    assert [message.tags for message in lines] == ["msgid=x;account=b;+a=c", *["account=b"] * len(lines)][: len(lines)]


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        ("max-bytes=100", Limits(100, OWN.max_lines)),
        ("max-bytes=100,max-lines=5,other", Limits(100, 5)),
        ("max-lines=5", None),
        ("", None),
        ("max-bytes=x", None),
        ("max-bytes=9999999999999999", Limits(999_999_999, OWN.max_lines)),
    ],
)
def test_limits_are_read(value: str, limits: Limits | None) -> None:
    assert parse_limits(value) == limits


def test_limits_that_hold_where_both_do() -> None:
    assert str(Limits(10, 500).within(Limits(20, 5))) == "max-bytes=10,max-lines=5"
    assert OWN.within(None) == OWN


def test_line_breaks_count_and_joints_do_not() -> None:
    assert size_of([Part("ä"), Part("b"), Part("c", concat=True), Part("")]) == 6
