"""Strings with bytes that are not UTF-8 as columns of text, and back.

IRC gives no promise about the encoding of nicks and channels: such bytes are lone
surrogates here (``surrogateescape``), which no database takes as text. They are
stored as CR and two hexadecimal digits, and so are CR, LF and NUL themselves.
"""

import re

_UNSAFE = re.compile("[\0\n\r\udc80-\udcff]")
_PACKED = re.compile("\r([0-9a-f]{2})")
_SURROGATES = 0xDC00


def pack(text: str) -> str:
    """Return the text as it is stored; most is stored as it is."""
    if text.isalnum() or not _UNSAFE.search(text):
        return text
    return _UNSAFE.sub(lambda found: f"\r{ord(found[0]) & 0xFF:02x}", text)


def unpack(text: str) -> str:
    """Return the text that :func:`pack` was given."""
    return _PACKED.sub(_unpack_one, text) if "\r" in text else text


def _unpack_one(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code + _SURROGATES if code >= 0x80 else code)  # noqa: PLR2004 - the end of ASCII
