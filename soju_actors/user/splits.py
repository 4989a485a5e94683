"""Batches of a server's that clients are shown as such: netsplits and netjoins.

Spec: https://ircv3.net/specs/batches/netsplit
"""

from soju_actors.irc.message import Message
from soju_actors.user.state import NetworkState, Split, UserState

KINDS = ("netsplit", "netjoin")
MOST = 8
"""Batches that may be open; the messages of more are shown without one."""


def begin_split(user: UserState, network: NetworkState, message: Message) -> None:
    """Open a batch for clients, if a server opens one of a kind that they may have."""
    name, kind, *params = message.params
    if kind in KINDS and len(network.splits) < MOST and name[1:] not in network.splits:
        split = network.splits[name[1:]] = Split(f"split-{user.new_request()}", user.serials)
        network.feed.line(str(Message("BATCH", (f"+{split.name}", kind, *params))))


def end_split(network: NetworkState, name: str) -> None:
    """Close the batch for clients that a server closes."""
    split = network.splits.pop(name, None)
    if split is not None:
        for client in network.clients:
            if client.serial <= split.serial:
                network.feed.line_to(client, f"BATCH -{split.name}")


def end_splits(network: NetworkState) -> None:
    """Close all batches: the server is gone."""
    for name in list(network.splits):
        end_split(network, name)


def show_in_split(user: UserState, network: NetworkState, split: Split, line: str) -> None:
    """Show a line, which has tags, in its batch; a client that has come since does not know of that."""
    tagged = f"@batch={split.name};{line[1:]}"
    if user.serials == split.serial:
        network.feed.line(tagged)
        return
    for client in network.clients:
        network.feed.line_to(client, tagged if client.serial <= split.serial else line)
