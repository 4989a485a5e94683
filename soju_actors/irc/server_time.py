"""Times as the ``time`` tag has them.

Spec: https://ircv3.net/specs/extensions/server-time
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_ZONE = re.compile(r"(\.\d{1,9})?Z", re.ASCII)
"""What comes behind the seconds."""
_DATE_LENGTH = 19
_SECONDS_KEPT = 1024
_TIMES_KEPT = 128
"""Few, for a server may send long ones; but what is said at once has one time."""


def format_time(seconds: float) -> str:
    """Return Unix time as ``2024-01-01T00:00:00.000Z``."""
    whole, milliseconds = divmod(int(seconds * 1000 + 0.5), 1000)
    return f"{_format_second(whole)}.{milliseconds:03}Z"


@lru_cache(_TIMES_KEPT)
def parse_time(text: str) -> float | None:
    """Return a time as Unix seconds; None if it is none, or before 1970."""
    seconds = _parse_second(text[:_DATE_LENGTH])
    zone = _ZONE.fullmatch(text, _DATE_LENGTH)
    return None if seconds is None or zone is None else seconds + float(f"0{zone[1] or ''}")


def format_timestamp(milliseconds: int) -> str:
    """Return Unix time as ``timestamp=2024-01-01T00:00:00.000Z``, as commands about history have it."""
    return f"timestamp={format_time(milliseconds / 1000)}"


def parse_timestamp(text: str) -> int | None:
    """Return the Unix time of ``timestamp=...`` in ms; None if it is none."""
    kind, _, value = text.partition("=")
    seconds = parse_time(value) if kind == "timestamp" else None
    return None if seconds is None else round(seconds * 1000)


@lru_cache(_SECONDS_KEPT)
def _format_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(_SECONDS_KEPT)
def _parse_second(text: str) -> float | None:
    """Parse a date and time; second 60 is a leap second, the next one for Unix."""
    if not _DATE.fullmatch(text):
        return None
    leap = text.endswith(":60")
    try:
        parsed = datetime.fromisoformat(text[:-2] + "59" if leap else text)
    except ValueError:
        return None
    seconds = parsed.replace(tzinfo=UTC).timestamp() + leap
    return seconds if seconds >= 0 else None
