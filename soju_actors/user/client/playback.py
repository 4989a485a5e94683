"""ZNC's playback module: a client tells from when on it wants to be played what was said.

Spec: https://wiki.znc.in/Playback
"""

import re
from collections.abc import Callable, Iterator, Mapping

from soju_actors.history.batches import PLAYBACK_SOURCE
from soju_actors.irc.masks import mask_matches
from soju_actors.irc.message import Message
from soju_actors.messages.slots import Question
from soju_actors.messages.store import StoreCursor
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import CursorMoved, Direction, QueryHistory, QuerySpans, Reference
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.recording import OTHERS
from soju_actors.user.state import CLEARED, NetworkState

TABLE = CommandTable()

MODULE = "*playback"
MOST = 1000
"""Messages of one target that are played, the newest ones."""
_TIME = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
_USAGE = "PLAY <buffers> [from] [to], LIST [buffers] or CLEAR <buffers>; buffers as in #a,b* and times in seconds"


@TABLE.command("ZNC", min_params=1)
def znc(call: Call) -> None:
    """Tell a module something without a message to it."""
    module, *words = " ".join(call.params).split()
    if module.casefold() == MODULE:
        play_back(call, " ".join(words))
    else:
        tell(call, f"There is no module {module}, only {MODULE}")


def play_back(call: Call, text: str) -> None:
    """Carry out a command of the module."""
    name, *words = text.split() or ("",)
    command = COMMANDS.get(name.upper())
    if call.bound is None:
        tell(call, "This connection is for no network: there is nothing to play")
    elif command is None or not command(call, call.bound, words):
        tell(call, f"Usage: {_USAGE}")


def tell(call: Call, text: str) -> None:
    """Answer in the name of the module."""
    call.say(Message("PRIVMSG", (call.client.nick, text), PLAYBACK_SOURCE))


def _play(call: Call, network: NetworkState, words: list[str]) -> bool:
    """Play what was said after one time and up to another."""
    buffers, *times = words or ("",)
    if not buffers or len(times) > 2 or not all(map(_TIME.fullmatch, times)):  # noqa: PLR2004 - from, to
        return False
    after, before = (round(float(time) * 1000) for time in (*times, "0", "0")[:2])
    hidden = network.blocked_for(call.client)
    for shown, name, end in _matching(network, buffers):
        query = QueryHistory(
            NetworkId(network.id),
            name,
            MOST,
            Direction.NEWEST,
            Reference(after),
            Reference(before + 1) if len(times) > 1 else None,
            below=end,
            first=network.cleared.get(name, 0),
            hidden=hidden,
        )
        call.ask(Question(query, "PRIVMSG", shown, MODULE, kind="znc.in/playback", quiet=True))
    return True


def _list(call: Call, network: NetworkState, words: list[str]) -> bool:
    """Tell from when to when there is something to play."""
    if len(words) > 1:
        return False
    hidden = network.blocked_for(call.client)
    found = _matching(network, words[0] if words else "*")
    names = tuple(
        name
        for _, name, end in found
        if network.cleared.get(name, 0) < end and not (hidden is not None and hidden.hides(name))
    )
    call.ask(Question(QuerySpans(NetworkId(network.id), names), "PRIVMSG", call.client.nick, MODULE))
    return True


def _clear(call: Call, network: NetworkState, words: list[str]) -> bool:
    """Play nothing any more of what was said up to now; it stays in history for other ways to ask."""
    if len(words) != 1:
        return False
    for _, name, end in _matching(network, words[0]):
        network.cleared[name] = end
        call.turn.send(call.user.store, StoreCursor(CursorMoved(NetworkId(network.id), name, CLEARED, end)))
    return True


COMMANDS: Mapping[str, Callable[[Call, NetworkState, list[str]], bool]] = {
    "PLAY": _play,
    "LIST": _list,
    "CLEAR": _clear,
}


def _matching(network: NetworkState, masks: str) -> Iterator[tuple[str, str, int]]:
    """Yield the targets that masks name: as they are shown, as they are stored, and where they end.

    Channels are among them only while they are joined and not detached.
    """
    folded = [network.fold(mask) for mask in masks.split(",")]
    for name, end in network.stored_targets():
        if name != OTHERS and any(mask_matches(mask, network.fold(name)) for mask in folded):
            if not network.isupport.is_channel(name):
                yield name, name, end
            elif name in network.rooms and not (name in network.saved and network.saved[name].detached):
                yield network.rooms[name].name, name, end
