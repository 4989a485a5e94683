"""Text that is not UTF-8, for servers that take nothing else.

Spec: https://ircv3.net/specs/extensions/utf8-only
"""

import re

_INVALID = re.compile("[\udc80-\udcff]+")
"""Bytes that were not UTF-8, as ``surrogateescape`` keeps them."""


def as_utf8(text: str) -> str:
    """Return the text with bytes that are not UTF-8 taken for Windows-1252, which most of those are that are left.

    What is none of that either becomes the replacement character.
    """
    if text.isascii():
        return text
    return _INVALID.sub(lambda found: found[0].encode(errors="surrogateescape").decode("cp1252", "replace"), text)
