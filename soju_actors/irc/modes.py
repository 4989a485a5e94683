"""Changes of channel and user modes.

Spec: https://modern.ircdocs.horse/#mode-message
"""

from collections.abc import Sequence
from enum import Enum, auto

import msgspec

from soju_actors.irc.isupport import Isupport


class ModeKind(Enum):
    """What a channel mode does with its parameter."""

    LIST = auto()
    """Adds to or removes from a list; without a parameter it asks for the list."""
    ALWAYS = auto()
    """Has a parameter, also when it is unset."""
    WHEN_SET = auto()
    """Has a parameter only when it is set."""
    FLAG = auto()
    """Has none."""
    MEMBERSHIP = auto()
    """Gives a member a rank or takes it; the parameter is the nick."""


class ModeChange(msgspec.Struct, frozen=True, gc=False):
    """One letter of a MODE and its parameter, None if it has none."""

    adding: bool
    mode: str
    arg: str | None
    kind: ModeKind


def parse_modes(isupport: Isupport, modes: str, args: Sequence[str]) -> list[ModeChange]:
    """Split ``+ov-k`` and its parameters into single changes.

    An unknown letter counts as a flag. What lacks its parameter is dropped, but a
    letter of a list then asks for the list.
    """
    kinds = _kinds(isupport)
    rest = iter(args)
    adding = True
    changes = []
    for letter in modes:
        if letter in "+-":
            adding = letter == "+"
            continue
        kind = kinds.get(letter, ModeKind.FLAG)
        takes = kind is not ModeKind.FLAG and (adding or kind is not ModeKind.WHEN_SET)
        arg = next(rest, None) if takes else None
        if arg is not None or not takes or kind is ModeKind.LIST:
            changes.append(ModeChange(adding, letter, arg, kind))
    return changes


class ChannelModes:
    """The modes of a channel that are neither lists nor ranks, with their parameters."""

    __slots__ = ("_modes",)

    def __init__(self) -> None:
        self._modes: dict[str, str | None] = {}

    def __contains__(self, mode: str) -> bool:
        """Whether the mode is set."""
        return mode in self._modes

    def apply(self, change: ModeChange) -> None:
        """Note a change."""
        if change.kind in (ModeKind.LIST, ModeKind.MEMBERSHIP):
            return
        if change.adding:
            self._modes[change.mode] = change.arg
        else:
            self._modes.pop(change.mode, None)

    def get(self, mode: str) -> str | None:
        """Return the parameter of a mode, None without one."""
        return self._modes.get(mode)

    def format(self) -> tuple[str, ...]:
        """Return the last parameters of RPL_CHANNELMODEIS (324): ``+ntk`` and the key."""
        args = (arg for arg in self._modes.values() if arg is not None)
        return f"+{''.join(self._modes)}", *args


def change_user_modes(modes: str, changes: str) -> str:
    """Return a user's modes, as letters, after changes such as ``+i-w``."""
    held = dict.fromkeys(modes.removeprefix("+"))
    adding = True
    for letter in changes:
        if letter in "+-":
            adding = letter == "+"
        elif adding:
            held[letter] = None
        else:
            held.pop(letter, None)
    return "".join(held)


def _kinds(isupport: Isupport) -> dict[str, ModeKind]:
    classes = zip(isupport.chanmodes, (ModeKind.LIST, ModeKind.ALWAYS, ModeKind.WHEN_SET, ModeKind.FLAG), strict=True)
    kinds = {letter: kind for letters, kind in classes for letter in letters}
    return kinds | dict.fromkeys(isupport.prefix_modes, ModeKind.MEMBERSHIP)
