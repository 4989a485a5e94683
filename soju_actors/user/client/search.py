"""SEARCH: what was said, found by its words (row SRC-01).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md
"""

from soju_actors.irc.errors import StandardReply, fail
from soju_actors.irc.message import Message
from soju_actors.irc.server_time import parse_time
from soju_actors.messages.slots import Question
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import Search
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.state import NetworkState

TABLE = CommandTable()

MOST = 100
"""Messages of one answer; whoever asks for more gets these."""


@TABLE.command("SEARCH", min_params=1)
def search(call: Call) -> None:
    """Answer from history; attributes are written as tags are, those that are not known do not count."""
    wanted = Message("SEARCH", tags=" ".join(call.params)).tag_map()
    network, target = _where(call, wanted.get("in", ""))
    after, before = (_time(name, wanted[name]) if name in wanted else None for name in ("after", "before"))
    query = Search(
        NetworkId(network.id),
        network.stored_name(target) if target else "",
        wanted.get("from", ""),
        wanted.get("text", ""),
        after,
        before,
        _limit(wanted.get("limit", str(MOST))),
        oldest=after is not None,
        below=network.stored_end(target) if target else None,
        hidden=network.blocked_for(call.client),
    )
    call.ask(Question(query, "SEARCH"))


def _where(call: Call, name: str) -> tuple[NetworkState, str]:
    """Return where to search: without a name in all of the network; an unbound client names ``target/network``."""
    if call.bound is not None:
        return call.bound, name
    target, _, network_name = name.rpartition("/")
    network = call.user.find_network(network_name) if network_name else None
    if network is None:
        raise _invalid("in", "is not target/network, which it must be on a connection for no network")
    return network, target


def _time(name: str, text: str) -> int:
    """Read a time as ms since the epoch."""
    seconds = parse_time(text)
    if seconds is None:
        raise _invalid(name, "is not a time such as 2024-01-01T00:00:00.000Z")
    return round(seconds * 1000)


def _limit(text: str) -> int:
    digits = text.lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        raise _invalid("limit", "is not a number from 1 on")
    return min(int(digits[:9]), MOST)  # no huge numbers


def _invalid(attribute: str, reason: str) -> StandardReply:
    return fail("SEARCH", "INVALID_PARAMS", attribute, f"The attribute {attribute!r} {reason}")
