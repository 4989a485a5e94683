"""A command's text, taken apart as a shell does."""

import re

from soju_actors.service.errors import CommandError

_WORD = re.compile(r"""(?:[^\s'"\\]+|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+""")
_PART = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)""")
_PLAIN = re.compile(r"[\w.,:;/@%=+#*!?~^&|<>()\[\]{}$-]+")
_ESCAPED = re.compile(r'\\(["\\])')


class Words:
    r"""Gives the words of a text one by one.

    Quotes, single or double, hold a word together, and a backslash takes the next
    character as it is; within double quotes it does so before ``"`` and ``\`` alone.
    What follows is looked at when it is asked for: it may be plain prose.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text.strip()

    def next(self) -> str | None:
        """Return the next word, None after the last.

        Raises:
            CommandError: a quote is not closed.
        """
        if not self._text:
            return None
        found = _WORD.match(self._text)
        end = found.end() if found else 0
        if end < len(self._text) and not self._text[end].isspace():
            raise CommandError("a quote is not closed, or a backslash is last")
        word, self._text = self._text[:end], self._text[end:].lstrip()
        return "".join(map(_plain, _PART.finditer(word)))

    def rest(self) -> str:
        """Return what is left as it is written; if it is one word in quotes, without them."""
        text = self._text
        found = _WORD.fullmatch(text)
        self._text = ""
        return "".join(map(_plain, _PART.finditer(text))) if found else text

    def all(self) -> list[str]:
        """Return the words that are left.

        Raises:
            CommandError: a quote is not closed.
        """
        words = []
        while (word := self.next()) is not None:
            words.append(word)
        return words


def quoted(word: str) -> str:
    """Return a word as it has to be written to be read as one: in quotes where it must be."""
    if _PLAIN.fullmatch(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(part: re.Match[str]) -> str:
    """Return a part of a word without its quotes."""
    single, double, escaped, bare = part.groups()
    if double is not None:
        return _ESCAPED.sub(r"\1", double)
    return str(single or escaped or bare or "")
