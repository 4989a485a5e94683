"""What a command and a reply are about, by which they find each other."""

from collections.abc import Callable, Mapping

from soju_actors.irc.message import Message

Fold = Callable[[str], str]

_TOLD_AT: Mapping[str, int] = {"353": 2, "441": 2, "443": 2, "435": 2}
"""Which parameter of a numeric names its target, where it is not the one after the client's nick."""


def target_of(message: Message, fold: Fold) -> str:
    """Return the folded name that a reply is about, empty if it names none.

    Of a numeric it is the parameter behind the client's nick, of a command that is seen by all its first one.
    """
    at = _TOLD_AT.get(message.command, 1) if message.command.isdigit() else 0
    params = message.params
    return fold(params[at]) if len(params) > at else ""


_NAMES: Mapping[str, int] = {
    **dict.fromkeys(("PRIVMSG", "NOTICE", "TAGMSG", "TOPIC", "JOIN", "PART", "NICK", "SETNAME"), 1),
    "MODE": 15,
}
"""How many parameters of a command are names, where it is not two."""


def words_of(message: Message, fold: Fold) -> set[str]:
    """Return the folded names that a command may be about: its first parameters and what is in them."""
    words: set[str] = set()
    for param in message.params[: _NAMES.get(message.command, 2)]:
        words.add(fold(param))
        words.update(map(fold, param.split(",")))
    return words
