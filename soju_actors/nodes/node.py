"""A node among the others: it joins, and its parts look after the rest."""

import logging
from asyncio import Future
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from actors import Endpoint, Ref
from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member, Peers
from actors.bases.node.peers.trust import Trust, TrustError, read_trust
from actors.cluster.hello import Role
from actors.placement.move import Limits
from soju_actors.config.answering import is_socket, parse_answers
from soju_actors.config.settings import Cluster as ClusterSettings
from soju_actors.messages.cluster import ActUntil
from soju_actors.nodes.answers import AnswersFile
from soju_actors.nodes.commands import Commands
from soju_actors.nodes.consulting import Consulting
from soju_actors.nodes.here import Here
from soju_actors.nodes.loads import EVERY, Gauge
from soju_actors.nodes.moves import Moves
from soju_actors.nodes.presence import Presence
from soju_actors.nodes.program import Program
from soju_actors.nodes.rebalancing import Rebalancing
from soju_actors.nodes.roster import Roster
from soju_actors.nodes.surveys import Surveys
from soju_actors.nodes.talking import Talking
from soju_actors.registry.state import USERS

log = logging.getLogger(__name__)

PACKAGES = ("actors", "soju_actors")
"""Those whose classes the states of moving actors have."""


def member_of(settings: ClusterSettings, trust: Trust) -> Member:
    """Return what the engine needs to join."""
    host, _, port = settings.listen.rpartition(":")
    return Member(
        trust=trust,
        listen=Endpoint(host.strip("[]"), int(port)),
        advertise=settings.advertise,
        leaders=settings.leaders,
        zone=settings.zone,
        role=Role(settings.role.value),
        capabilities=dict(settings.capabilities),
        packages=PACKAGES,
    )


class Nodes:
    """This node among the others."""

    def __init__(self, base: NodeBase, settings: ClusterSettings) -> None:
        self._base = base
        self._settings = settings

    async def join(self) -> None:
        """Become one of the nodes.

        Raises:
            TrustError: the other nodes would not let this one in.
            OSError: it cannot listen for them.
        """
        trust = await self._base.loop.run_in_executor(None, Trust, Path(self._settings.keys))
        await self._base.join(member_of(self._settings, trust))
        self.take_part()
        roster, peers = self._roster, self._peers
        roster.own = replace(roster.own, apart=peers.standing.apart)
        peers.on_standing = lambda: roster.stands(peers.standing.apart)

    def take_part(self) -> None:
        """Look after this node's part, now that it is one of the nodes."""
        settings = self._settings
        here = self._here = Here(self._base, settings.node)
        self._roster = Roster(here, settings)
        self._presence = Presence(here.name, here.kernel)
        moves = Moves(here, self._roster)
        self._surveys = Surveys(here, self._roster, self._presence)
        Commands(here, self._roster, self._presence, moves, self._surveys, settings.placement)
        here.handlers[ActUntil] = self._act_until
        here.cluster.heartbeat = settings.heartbeat
        here.kernel.on_late = self._late

    def begin(self) -> None:
        """Tell the registry, which runs now, who is there, and all nodes what there is to do here."""
        here, settings = self._here, self._settings
        self._tell_load(Gauge(here.kernel))
        if settings.rebalance:
            self._presence.talking = Talking(here.name, here.kernel, settings.rebalance)
            limits = Limits(rest=settings.rest)
            Rebalancing(here, self._roster, self._surveys, settings.rebalance, settings.placement, limits).begin()
        if is_socket(settings.answers):
            program = Program(parse_answers(settings.answers))
            self._roster.outside = Consulting(here, program, self._roster.answered_for)
        elif settings.answers:
            AnswersFile(Path(settings.answers), here, self._roster.answered).begin()

    def _tell_load(self, gauge: Gauge) -> None:
        self._roster.tell_load(gauge.look(len(self._presence.users())))
        self._here.later(EVERY, lambda: self._tell_load(gauge))

    @property
    def leases(self) -> int:
        """So many users are those for whom this node may act."""
        return self._presence.leases

    # Keys.

    @property
    def _peers(self) -> Peers:
        peers = self._base.peers
        assert peers is not None  # noqa: S101 - for the type checker
        return peers

    def read_keys(self) -> None:
        """Read the keys again: all connections are judged by them."""
        reading = self._base.loop.run_in_executor(None, read_trust, Path(self._settings.keys))
        reading.add_done_callback(self._keys_read)

    def _keys_read(self, reading: Future[Trust]) -> None:
        peers = self._peers
        try:
            trust = reading.result()
        except TrustError as error:
            log.warning("the keys were not read again: %s", error)
            return
        if trust.own != peers.trust.own:
            log.warning("the keys were not read again: they are those of %s", trust.own.uri)
            return
        log.info("the keys were read again")
        peers.use(trust)

    # The time for which this node may act for users.

    def _act_until(self, _: Ref[Any] | None, msg: ActUntil) -> None:
        self._here.kernel.act_until = msg.time
        self._presence.held = msg

    def _late(self) -> None:
        """End all that acts for users, before it reads or writes anything: other nodes may have their leases by now."""
        kernel = self._here.kernel
        log.warning("node %s was stopped for longer than its leases last", self._here.name)
        for cell in [cell for path, cell in kernel.running.items() if path.startswith(USERS)]:
            for link in list(cell.links or ()):
                kernel.sockets.abort(cell, link)
        for path in self._presence.users():
            kernel.supervisor.stop(kernel.running[path], by_parent=True)
