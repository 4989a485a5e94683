"""What the values of flags mean."""

import math
import re

from soju_actors.service.errors import CommandError

_YES = frozenset(("true", "yes", "on", "1", "t"))
_NO = frozenset(("false", "no", "off", "0", "f"))
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_HASH = re.compile(r"sha-?(?:256|512):")
_KINDS = {64: "sha-256", 128: "sha-512"}
"""Hashes by their hexadecimal digits."""
LONGEST = 10 * 366 * 86400
"""Seconds of the longest duration."""


def is_boolean(text: str) -> bool:
    """Whether a text says yes or no."""
    return text.casefold() in _YES | _NO


def read_boolean(text: str) -> bool:
    """Read ``yes`` or ``no``, or one of their like.

    Raises:
        CommandError: it is neither.
    """
    if not is_boolean(text):
        raise CommandError("is yes or no")
    return text.casefold() in _YES


def read_number(text: str) -> int:
    """Read a whole number.

    Raises:
        CommandError: it is none, or too large to be meant.
    """
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise CommandError("is a whole number")
    return int(text)


def read_duration(text: str) -> int:
    """Read a duration such as ``90s`` or ``1h30m``; return seconds, rounded up (row DET-05).

    Raises:
        CommandError: it is none.
    """
    if text == "0":
        return 0
    parts = _DURATION.findall(text) if re.fullmatch(f"(?:{_DURATION.pattern})+", text, re.ASCII) else []
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if not parts or seconds > LONGEST:
        raise CommandError("is a duration such as 30m, 1h30m or 2d; 0 is never")
    return math.ceil(seconds)


def format_duration(seconds: float) -> str:
    """Return a duration as a person says it, in its two largest units: ``3d 4h``, ``12m``."""
    left = max(0, round(seconds))
    counts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        counts.append((count, unit))
    first = next((at for at, (count, _) in enumerate(counts) if count), len(counts))
    return " ".join(f"{count}{unit}" for count, unit in counts[first : first + 2] if count) or "0s"


def counted(number: int, noun: str) -> str:
    """Return a number of things: ``1 channel``, ``2 channels``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def read_pin(text: str) -> str:
    """Read the fingerprint of a certificate, colons allowed; return it as ``sha-256:hex`` or ``sha-512:hex``.

    An empty text is no fingerprint (rows SVC-02, AUP-07).

    Raises:
        CommandError: it is no SHA-256 or SHA-512 hash.
    """
    if not text:
        return ""
    folded = text.casefold()
    named = _HASH.match(folded)
    digits = folded[named.end() if named else 0 :].replace(":", "")
    kind = _KINDS.get(len(digits))
    if kind is None or not re.fullmatch(r"[0-9a-f]+", digits):
        raise CommandError("is the SHA-256 or SHA-512 hash of a certificate, in hexadecimal digits")
    return f"{kind}:{digits}"
