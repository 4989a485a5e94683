from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.server_time import format_time, format_timestamp, parse_time, parse_timestamp


@given(st.integers(0, 253402300799999))
def test_a_time_is_formatted_and_parsed_back(milliseconds: int) -> None:
    text = format_time(milliseconds / 1000)
    assert datetime.fromisoformat(text).timestamp() * 1000 == pytest.approx(milliseconds)
    seconds = parse_time(text)
    assert seconds is not None
    assert round(seconds * 1000) == milliseconds


@given(st.integers(0, 253402300799999))
def test_a_timestamp_is_formatted_and_parsed_back(milliseconds: int) -> None:
    assert parse_timestamp(format_timestamp(milliseconds)) == milliseconds


@pytest.mark.parametrize("text", ["", "*", "timestamp=", "timestamp=*", "2024-01-01T00:00:00Z", "msgid=x"])
def test_what_is_no_timestamp(text: str) -> None:
    assert parse_timestamp(text) is None


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)))  # noqa: DTZ001 - of UTC, as the tag's times are
def test_any_precision_is_parsed(moment: datetime) -> None:
    assert parse_time(f"{moment.isoformat()}Z") == pytest.approx(moment.replace(tzinfo=UTC).timestamp(), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2012-06-30T23:59:60.419Z", 1341100800.419),
        ("2024-01-01T00:00:00Z", 1704067200.0),
        ("2024-01-01T00:00:00.5Z", 1704067200.5),
        ("2024-01-01T00:00:00.000", None),
        ("2024-01-01T00:00:00.Z", None),
        ("2024-01-01T00:00:00.1x3Z", None),
        ("2024-01-01T00:00:00,123Z", None),
        ("2024-01-01T00:00:00+01Z", None),
        ("2024-01-01 00:00:00.000Z", None),
        ("2024-02-30T00:00:00.000Z", None),
        ("2024-01-01T00:61:00.000Z", None),
        ("2024-W01-1T00:00:00.000Z", None),
        ("1969-12-31T23:59:59.999Z", None),
        ("٢٠٢٤-01-01T00:00:00.000Z", None),
        ("0000-00-00T00:00:00.000Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_what_is_a_time(text: str, seconds: float | None) -> None:
    """Spec: https://ircv3.net/specs/extensions/server-time."""
    assert parse_time(text) == seconds


@given(st.text())
def test_any_text_is_a_time_or_not(text: str) -> None:
    assert parse_time(text) is None or text.endswith("Z")
