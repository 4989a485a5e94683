"""From the configuration to the settings of the actors."""

import msgspec
import pytest

from soju_actors.config import Config
from soju_actors.config.settings import Limits
from soju_actors.irc.framing import BODY_LIMIT, LINELEN
from soju_actors.wiring import downstream_settings, server_settings


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
