"""Whose command a message of a server without labels answers (rows RTE-02, RTE-06, UP-20 to UP-28, GAP-04)."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from soju_actors.irc.answers import ANSWERS, KINDS, REFUSALS, SHARED, command_named, target_of, words_of
from soju_actors.irc.message import Message
from soju_actors.irc.source import nick_of
from soju_actors.user.state import Ask, NetworkState

_ALWAYS = frozenset(("FAIL", "WARN", "NOTE", "AUTHENTICATE", "REGISTER", "VERIFY"))
"""Commands of servers that answer; others do if the user is their source."""
_GOES_ON = frozenset(("WARN", "NOTE"))
"""Standard replies after which the answer is still to come."""
_TIDINGS = frozenset(("730", "731", "732", "733", "734"))
"""Numerics that name a nick and never answer a WHOIS."""


class Found(NamedTuple):
    """A command, and whether the message ends its answer."""

    ask: Ask
    ends: bool


def attribute(network: NetworkState, message: Message) -> Found | None:
    """Return the command that a message answers, None if nothing tells."""
    command = message.command
    if not command.isdigit() and command not in _ALWAYS and not network.is_me(nick_of(message.source)):
        return None
    return _expected(network, message) or _refused(network, message) or _of_whois(network, message)


def _expected(network: NetworkState, message: Message) -> Found | None:
    """Return the command of whose answer the message is a known part."""
    command = message.command
    kinds = KINDS.get(command)
    if kinds is None:
        return None
    certain = command not in SHARED and command not in REFUSALS
    late = network.asks.late
    item = _under_way(network, kinds) if certain else None
    if item is None or late:
        item = (
            _about(network, (i for i in _open(network) if i.kind in kinds), message)
            or _about(network, (i for i in late if i.kind in kinds), message)
            or item
            or (next((i for i in late if i.kind in kinds), None) if certain else None)
        )
    return Found(item, command in ANSWERS[item.kind].ends) if item is not None else None


def _refused(network: NetworkState, message: Message) -> Found | None:
    """Return the command that an error, or a standard reply, is about."""
    named = command_named(message)
    if named:
        given = next((i for i in _open(network) if i.message.command == named), None)
        if given is not None:
            return Found(given, message.command not in _GOES_ON)
    refusal = REFUSALS.get(message.command)
    if refusal is None:
        return None
    items = (i for i in _open(network) if not refusal.commands or i.message.command in refusal.commands)
    item = _about(network, items, message) if refusal.named else next(items, None)
    if item is None:
        return None
    answer = ANSWERS.get(item.kind)
    return Found(item, answer is None or message.command not in answer.parts)


def _of_whois(network: NetworkState, message: Message) -> Found | None:
    """Return the WHOIS under way if a numeric that nobody knows names its nick (row UP-22)."""
    command = message.command
    item = _under_way(network, ("WHOIS",))
    if item is None or command[0] not in "23567" or command in KINDS or command in _TIDINGS:
        return None
    return Found(item, ends=False) if _about(network, (item,), message) else None


def _under_way(network: NetworkState, kinds: Collection[str]) -> Ask | None:
    """Return the question of one of these kinds that the server is answering."""
    queues = network.asks.queues
    for kind in kinds:
        queue = queues.get(ANSWERS[kind].queue)
        if queue and queue[0].kind == kind:
            return queue[0]
    return None


def _open(network: NetworkState) -> Iterator[Ask]:
    """Yield what the server has been told: in the order in which it answers.

    Last, and the newest first, come those to which it says nothing unless they fail:
    most of them have not.
    """
    sent = [item for item in network.asks.plain.values() if item.sent]
    silent = [item for item in sent if _is_silent(item)]
    yield from (item for item in sent if not _is_silent(item))
    yield from reversed(silent)


def _is_silent(item: Ask) -> bool:
    answer = ANSWERS.get(item.kind)
    return answer is not None and answer.silent


def _about(network: NetworkState, items: Iterator[Ask] | Collection[Ask], message: Message) -> Ask | None:
    """Return the first command that is about what the message names."""
    target = target_of(message, network.fold)
    return next((item for item in items if target and target in words_of(item.message, network.fold)), None)
