"""METADATA: what the user notes of channels and nicks (row CMD-24, section 5.17 of the reference).

Spec: https://ircv3.net/specs/extensions/metadata
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from soju_actors.irc.errors import fail
from soju_actors.irc.message import Message
from soju_actors.irc.metadata import KEYS, VALUES, change_subs, invalid_key
from soju_actors.irc.names import valid_target
from soju_actors.irc.replies import reply_to
from soju_actors.model.records import Flags, NetworkId
from soju_actors.ports.database import SaveFlags
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.metadata import (
    answer,
    batched,
    flags_of,
    newest_flags,
    noted_lines,
    reply,
    target_lines,
    value,
)
from soju_actors.user.saving import Pending
from soju_actors.user.state import NetworkState

TABLE = CommandTable()


@TABLE.command("METADATA")
def metadata(call: Call) -> None:
    """Tell, change or follow what is noted of a target."""
    if len(call.params) < 2:  # noqa: PLR2004 - target and subcommand
        raise fail("METADATA", "INVALID_PARAMS", "METADATA takes a target and a subcommand")
    target, subcommand, *params = call.params
    subcommand = subcommand.upper()
    if subcommand in ("SUB", "UNSUB", "SUBS"):
        _subscribe(call, target, subcommand, params)
        return
    handler = SUBCOMMANDS.get(subcommand)
    if handler is None:
        raise fail("METADATA", "SUBCOMMAND_INVALID", subcommand, "There is no such subcommand")
    if call.bound is None:
        raise fail("METADATA", "INVALID_TARGET", target, "No network is selected")
    target = call.bound.nick if target == "*" else target
    if not valid_target(target):
        raise fail("METADATA", "INVALID_TARGET", target, "That is no channel and no nick")
    handler(call, call.bound, target, params)


def _subscribe(call: Call, target: str, subcommand: str, keys: list[str]) -> None:
    """Change which keys this client follows, or tell it; what it follows anew is told at once."""
    client = call.client
    if target not in ("*", client.nick):
        raise fail("METADATA", "INVALID_TARGET", target, "Nobody else's subscriptions can be seen or changed")
    client.subs, replies = change_subs(client.subs, subcommand, keys, client.nick)
    source = call.user.settings.hostname
    lines = [message.replaced(source=source) for message in replies]
    if subcommand == "SUBS":
        call.lines(batched(call.user, "", lines, kind="metadata-subs"))
        return
    call.lines(map(str, lines))
    if subcommand == "SUB" and call.bound is not None:
        call.lines(noted_lines(call.user, call.bound, keys))


def _list(call: Call, network: NetworkState, target: str, params: list[str]) -> None:
    """Tell the values of all keys."""
    del params
    flags = flags_of(network, target)
    replies = [reply(call.user, call.client, target, key, value(flags, key)) for key in KEYS]
    call.lines(batched(call.user, target, replies))


def _get(call: Call, network: NetworkState, target: str, keys: list[str]) -> None:
    """Tell the values of some keys."""
    if not keys:
        raise fail("METADATA", "INVALID_PARAMS", "GET", "GET takes at least one key")
    call.lines(batched(call.user, target, _values(call, flags_of(network, target), target, keys)))


def _values(call: Call, flags: Flags, target: str, keys: list[str]) -> Iterator[Message]:
    for key in keys:
        if key in KEYS:
            yield reply(call.user, call.client, target, key, value(flags, key))
        else:
            yield reply_to(invalid_key(key), call.user.settings.hostname, call.client.nick)


def _set(call: Call, network: NetworkState, target: str, params: list[str]) -> None:
    """Set the value of a key; without a value it is 0 again."""
    if not params:
        raise fail("METADATA", "INVALID_PARAMS", "SET", "SET takes a key and a value")
    key, *values = params
    if key not in KEYS:
        raise invalid_key(key)
    text = values[0] if values and values[0] else "0"
    if text not in VALUES:
        raise fail("METADATA", "VALUE_INVALID", key, "The value is 0 or 1")
    flags = newest_flags(call.user, network, target)
    _change(call, network, target, msgspec.structs.replace(flags, **{KEYS[key]: text == "1"}), key)


def _clear(call: Call, network: NetworkState, target: str, params: list[str]) -> None:
    """Note nothing of a target any more."""
    del params
    _change(call, network, target, Flags(NetworkId(network.id), network.fold(target)))


def _change(call: Call, network: NetworkState, target: str, flags: Flags, *keys: str) -> None:
    """Store what is noted; who asked and who follows are told when it is stored."""
    if flags == flags_of(network, target) == newest_flags(call.user, network, target):
        call.lines(answer(call.user, call.client, target, flags, keys, cleared=not keys))
        return
    if target not in network.flags and len(network.flags) >= call.user.settings.max_targets:
        raise fail("METADATA", "LIMIT_REACHED", target, "There is something noted of too many targets")
    call.save(SaveFlags(flags), Pending("flags_saved", call.client.serial, words=(target, *keys)))


def _sync(call: Call, network: NetworkState, target: str, params: list[str]) -> None:
    """Tell all that this client follows of a target, and of who is in it; better than soju, which has no SYNC."""
    del params
    keys = [key for key in KEYS if key in call.client.subs]
    room = network.rooms.get(target)
    members = [nick for nick in network.flags if room is not None and network.fold(nick) in room.members]
    lines = [line for name in (target, *members) for line in target_lines(call.user, network, name, keys)]
    call.lines(batched(call.user, target, lines))


SUBCOMMANDS: Mapping[str, Callable[[Call, NetworkState, str, list[str]], None]] = {
    "LIST": _list,
    "GET": _get,
    "SET": _set,
    "CLEAR": _clear,
    "SYNC": _sync,
}
