import pytest

from soju_actors.service.errors import CommandError
from soju_actors.service.values import read_boolean, read_duration, read_number, read_pin


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("Yes", True), ("1", True), ("OFF", False), ("f", False), ("false", False)]
)
def test_a_boolean_has_several_spellings(text: str, value: bool) -> None:
    assert read_boolean(text) is value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90s", 90), ("1h30m", 5400), ("2d", 172800), ("1.5h", 5400), ("100ms", 1), ("1001ms", 2), ("0s", 0)],
)
def test_a_duration_is_in_seconds_rounded_up(text: str, seconds: int) -> None:
    """Row DET-05."""
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "-5s", "1h 30m", "1x", "h", "1h2", "99999d", "\u0661s", "1e9s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="duration"):
        read_duration(text)


@pytest.mark.parametrize("text", ["", "x", "1.0", "--1", "1" * 10, "\u0661", "1 "])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="whole number"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("", ""),
        ("ab" * 32, "sha-256:" + "ab" * 32),
        ("AB" * 64, "sha-512:" + "ab" * 64),
        (":".join(["Ab"] * 32), "sha-256:" + "ab" * 32),
        ("SHA256:" + ":".join(["Ab"] * 32), "sha-256:" + "ab" * 32),
        ("sha-512:" + "ab" * 64, "sha-512:" + "ab" * 64),
    ],
)
def test_a_fingerprint_may_have_colons_and_its_kind(text: str, pin: str) -> None:
    """Row SVC-02."""
    assert read_pin(text) == pin


@pytest.mark.parametrize("text", ["ab", "ab" * 20, "xy" * 32, "md5:" + "ab" * 32, ":" * 64, "sha-256:"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="SHA-256 or SHA-512"):
        read_pin(text)
