"""From the configuration to the settings of the actors."""

from pathlib import Path

import msgspec
import pytest

from soju_actors.config import Config
from soju_actors.config.settings import Limits, Listen, Sts
from soju_actors.irc.framing import BODY_LIMIT, LINELEN
from soju_actors.wiring import downstream_settings, entrances, server_settings


def test_title_and_icon_are_told_before_and_after_registration() -> None:
    """Rows CFG-03, CFG-04."""
    config = msgspec.structs.replace(Config(), title="Bouncer", icon="https://example.org/icon.png")
    for settings in (server_settings(config), downstream_settings(config)):
        assert (settings.title, settings.icon) == ("Bouncer", "https://example.org/icon.png")


@pytest.mark.parametrize(
    ("line_bytes", "promised"),
    [(512, BODY_LIMIT), (4608, BODY_LIMIT), (5096, 1000), (8703, LINELEN), (100_000, LINELEN)],
)
def test_no_longer_lines_are_promised_than_are_taken(line_bytes: int, promised: int) -> None:
    """Row ISU-04: of all bytes of a line 4096 are for its tags."""
    config = msgspec.structs.replace(Config(), limits=Limits(line_bytes=line_bytes))
    assert server_settings(config).linelen == promised


@pytest.mark.parametrize(
    ("uri", "sts", "value"),
    [
        ("ircs://:6697", Sts(), ""),
        ("irc+insecure://0.0.0.0", Sts(), ""),
        ("ircs://:6697", Sts(6697, 3600), "duration=3600"),
        ("ircs://:6697", Sts(6697, 3600, preload=True), "duration=3600,preload"),
        ("ircs://:6697", Sts(0, 0), "duration=0"),
        ("ircs://:6697", Sts(6697), ""),
        ("irc+insecure://0.0.0.0", Sts(6697, 3600), "port=6697"),
        ("irc+insecure://127.0.0.1", Sts(6697, 3600), ""),
        ("unix:///run/irc.sock", Sts(6697, 3600), ""),
    ],
)
def test_clients_are_told_to_use_tls_where_they_come_from_elsewhere(
    uri: str, sts: Sts, value: str, tmp_path: Path
) -> None:
    """Row AUP-08. Spec: https://ircv3.net/specs/extensions/sts."""
    config = msgspec.structs.replace(
        Config(), listen=(Listen(uri, insecure=True),), sts=sts, data_dir=str(tmp_path), hostname="bouncer.test"
    )
    entrance, _control = entrances(config)
    assert entrance.sts == value
