"""Bold, colours and the like.

Spec: https://modern.ircdocs.horse/formatting
"""

import re

_CODES = re.compile(
    "[\x02\x0f\x11\x16\x1d\x1e\x1f]|\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?",
)


def strip_formatting(text: str) -> str:
    """Return a text without codes of formatting and colour."""
    return _CODES.sub("", text)
