"""How a server compares names, and mappings that are keyed by names.

Spec: https://modern.ircdocs.horse/#casemapping-parameter
"""

import string
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from enum import StrEnum
from typing import Generic, TypeVar

V = TypeVar("V")

_UPPER, _LOWER = string.ascii_uppercase, string.ascii_lowercase


class Casemapping(StrEnum):
    """A rule by which names that differ are the same."""

    ASCII = "ascii"
    RFC1459 = "rfc1459"
    RFC1459_STRICT = "rfc1459-strict"

    def fold(self, text: str) -> str:
        """Return the one spelling that stands for all that are the same name."""
        if text.isascii():  # in C, and the rest is rare in names
            text = text.lower()
            if self is Casemapping.ASCII or not ("[" in text or "]" in text or "\\" in text or "^" in text):
                return text
        return text.translate(_TABLES[self])

    def key(self, text: str) -> str:
        """Return the same to be kept: one string for all who keep it, in whatever channels of whatever users."""
        return sys.intern(self.fold(text))


_TABLES: Mapping[Casemapping, Mapping[int, int]] = {
    Casemapping.ASCII: str.maketrans(_UPPER, _LOWER),
    Casemapping.RFC1459: str.maketrans(_UPPER + "[]\\^", _LOWER + "{}|~"),
    Casemapping.RFC1459_STRICT: str.maketrans(_UPPER + "[]\\", _LOWER + "{}|"),
}


def parse_casemapping(name: str) -> Casemapping:
    """Return the casemapping of this name; an unknown one counts as ``rfc1459`` (row MSC-02)."""
    try:
        return Casemapping(name.lower())
    except ValueError:
        return Casemapping.RFC1459


class FoldedDict(MutableMapping[str, V], Generic[V]):
    """A mapping keyed by names, which gives back each name as it was last written."""

    __slots__ = ("_casemapping", "_spelled", "_values")

    def __init__(
        self, casemapping: Casemapping = Casemapping.RFC1459, items: Iterable[tuple[str, V]] | Mapping[str, V] = ()
    ) -> None:
        self._casemapping = casemapping
        self._values: dict[str, V] = {}
        self._spelled: dict[str, str] = {}  # only of names that differ from their key
        self.update(items)

    @property
    def casemapping(self) -> Casemapping:
        """How names are compared now."""
        return self._casemapping

    def __getitem__(self, name: str) -> V:
        """Return the value of a name."""
        values = self._values
        if name in values:  # a key is its own folded form
            return values[name]
        return values[self._casemapping.fold(name)]

    def __setitem__(self, name: str, value: V) -> None:
        """Set the value of a name, and its spelling."""
        folded = self._casemapping.key(name)
        self._values[folded] = value
        if folded != name:
            self._spelled[folded] = name
        elif self._spelled:
            self._spelled.pop(folded, None)

    def __delitem__(self, name: str) -> None:
        """Remove a name."""
        folded = self._casemapping.fold(name)
        del self._values[folded]
        self._spelled.pop(folded, None)

    def __contains__(self, name: object) -> bool:
        """Whether there is this name, however it is spelled."""
        return isinstance(name, str) and (name in self._values or self._casemapping.fold(name) in self._values)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names as they were written."""
        spelled = self._spelled
        return (spelled.get(folded, folded) for folded in self._values)

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._values)

    def __repr__(self) -> str:
        """Show the names and values."""
        return f"FoldedDict({self._casemapping.value}, {dict(self.items())!r})"

    def spelling(self, name: str) -> str:
        """Return a name as it was last written here.

        Raises:
            KeyError: there is no such name.
        """
        folded = self._casemapping.fold(name)
        if folded not in self._values:
            raise KeyError(name)
        return self._spelled.get(folded, folded)

    def rekey(self, casemapping: Casemapping) -> list[tuple[str, V]]:
        """Compare names by another rule from now on (row MSC-02).

        Of names that are the same now the first stays; the others are returned
        with their values.
        """
        entries = list(self.items())
        self._casemapping = casemapping
        self._values, self._spelled = {}, {}
        collided = []
        for name, value in entries:
            if name in self:
                collided.append((name, value))
            else:
                self[name] = value
        return collided
