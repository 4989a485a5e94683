"""What a search finds a message by: the words of its text.

The same words are made for every kind of database, of messages and of questions, so
that all of them find the same, in the index and in what is not indexed yet.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from soju_actors.adapters.database.query import Kind
from soju_actors.adapters.database.tables import message_id
from soju_actors.irc.multiline import text_within
from soju_actors.model.entry import MULTILINE, Entry

LONGEST = 64
"""Letters of a word that count."""

_PARAMS = re.compile(r"(?:@[^ ]* ++)?+(?::[^ ]* ++)?+[^ ]++ ++[^ ]++ ++(?::(.*)|([^ ]*))", re.DOTALL)
_FORMATTING = re.compile(
    "\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)
_ASCII_WORD = re.compile("[0-9a-z]+")
# Scripts that are written without spaces, and pictures: each character is a word.
_ALONE = "\u20a0-\u2bff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff"
_NOT_IN_WORDS = (
    "\x00-/:-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u0964\u0965\u1680\u2000-\u206f"
    "\u3000-\u303f\ud800-\udfff\ufe00-\ufe0f\ufe30-\ufe6f\ufff0-\uffff"
)
_WORD = re.compile(f"[{_ALONE}]|[^{_NOT_IN_WORDS}{_ALONE}]+")


def text_of(command: str, line: str) -> str:
    """Return what a PRIVMSG or NOTICE says, without formatting codes; else nothing.

    Of CTCP only ACTION says something. Spec: https://modern.ircdocs.horse/formatting
    """
    if command not in {"PRIVMSG", "NOTICE", MULTILINE}:
        return ""
    found = _PARAMS.match(line)
    if found is None:
        return ""
    text = text_within(found[1] if found[1] is not None else found[2])
    if text.startswith("\x01"):
        kind, _, text = text.strip("\x01").partition(" ")
        if kind != "ACTION":
            return ""
    return _FORMATTING.sub("", text)


def stored_words(kind: Kind, target: int, entries: Iterable[Entry]) -> list[Any]:
    """Return the values of the rows that the full-text index has of a target's entries."""
    values: list[Any] = []
    for entry in entries:
        words = words_of(text_of(entry.command, entry.line))
        if words:
            values += (message_id(target, entry.number), kind.stored_words(words))
    return values


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded, each once."""
    if text.isascii():
        found = _ASCII_WORD.findall(text.lower())
    else:
        parts = unicodedata.normalize("NFKD", text.casefold())
        plain = unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))
        found = _WORD.findall(plain.casefold())
    return tuple(dict.fromkeys(word[:LONGEST] for word in found))
