"""A service command on its way: who gave it, and what its handler may do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from actors import Ref, Turn
from soju_actors.irc.message import Message
from soju_actors.messages.registry import AdminDone
from soju_actors.model.records import Channel, Network
from soju_actors.policy.service import SERVICE_SOURCE
from soju_actors.ports.protocols import ToRegistry
from soju_actors.service.commands import Caller, Given
from soju_actors.service.errors import CommandError
from soju_actors.service.replies import fitting
from soju_actors.user.saving import Pending, SettingsJob, newest, save
from soju_actors.user.state import Client, NetworkState, UserState


@dataclass(slots=True)
class Errand:
    """One command of a client, or of an admin who has it run as this user."""

    user: UserState
    turn: Turn
    whom: Pending
    """Who gets the answer."""
    caller: Caller
    bound: NetworkState | None = None
    """The network that the client is bound to."""
    lines: list[str] = field(default_factory=list)
    """What is answered at once."""
    later: bool = False
    """The command is still under way when its handler returns."""

    def say(self, *lines: str) -> None:
        """Answer with lines."""
        self.lines.extend(lines)

    def network(self, name: str | None) -> NetworkState:
        """Return the network of this name, or the one that the client is bound to.

        Raises:
            CommandError: there is none.
        """
        found = self.user.find_network(name) if name else self.bound
        if found is not None:
            return found
        known = ", ".join(sorted(network.record.name for network in self.user.networks.values())) or "none"
        what = f"there is no network {name!r}" if name else "name a network, since you are on none"
        raise CommandError(f"{what}; your networks: {known}")

    def record(self, network: NetworkState) -> Network:
        """Return a network's settings, with changes that are still being stored."""
        return newest(self.user, network.record)

    def channel(self, network: NetworkState, name: str) -> Channel | None:
        """Return a saved channel, with changes that are still being stored, None if there is none."""
        return channel_under_way(self.user, network, name) or network.saved.get(name)

    def save(
        self,
        job: SettingsJob,
        then: str,
        *,
        network: Network | None = None,
        channel: Channel | None = None,
        words: tuple[str, ...] = (),
        ends: dict[str, int] | None = None,
    ) -> None:
        """Store a setting; what follows is the continuation of this name."""
        self.later = True
        pending = self.pending(then, network=network, channel=channel, words=words, ends=ends)
        save(self.user, job, self.turn, pending)

    def pending(
        self,
        then: str,
        *,
        network: Network | None = None,
        channel: Channel | None = None,
        words: tuple[str, ...] = (),
        ends: dict[str, int] | None = None,
    ) -> Pending:
        """Return what follows, for whoever gave this command."""
        return msgspec.structs.replace(self.whom, then=then, network=network, channel=channel, words=words, ends=ends)


Handler = Callable[[Errand, Given], None]


def channel_under_way(user: UserState, network: NetworkState, name: str) -> Channel | None:
    """Return a channel as the last change that is still being stored will have it, None if there is none."""
    for pending in reversed(user.pending.values()):
        channel = pending.channel
        if (
            channel is not None
            and channel.network_id == network.id
            and network.fold(channel.name) == network.fold(name)
        ):
            return None if pending.then == "channel_deleted" else channel
    return None


def network_and_name(errand: Errand, given: Given) -> tuple[NetworkState, str]:
    """Return the network and the name of a target; without a network, ``name/network`` names both (row SVC-08)."""
    name, network = given.param(0), given.text("network")
    if network is None and errand.bound is None:
        name, slash, after = given.param(0).rpartition("/")
        if not slash or errand.user.find_network(after) is None:
            name, after = given.param(0), ""
        network = after
    return errand.network(network), name


def asking_client(user: UserState, pending: Pending) -> Client | None:
    """Return the client that has asked, None if it has left or is none."""
    return user.with_serial(pending.client)


def answer(user: UserState, whom: Pending, turn: Turn, lines: Iterable[str] = (), error: str = "") -> None:
    """Answer whoever gave a command; a client that has left is told nothing."""
    if whom.asker:
        turn.send(Ref[ToRegistry](whom.asker), AdminDone(whom.request, tuple(lines), error))
        return
    client = asking_client(user, whom)
    if client is None:
        return
    said = fitting((*lines, *([f"error: {error}"] if error else [])))
    messages = [str(Message("PRIVMSG", (client.nick, line), source=SERVICE_SOURCE)) for line in said]
    user.feed_of(client).lines_to(client, messages)
