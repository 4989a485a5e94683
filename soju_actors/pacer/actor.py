"""The pacer actor."""

import logging

from actors import Actor, Down, Ref, ServiceFailed, Turn, on
from soju_actors.messages.pacer import AskToDial, DialEnded, PacerArgs, TokenDue
from soju_actors.messages.upstream import DialGranted, DialRefused
from soju_actors.pacer.place import Place
from soju_actors.pacer.reserved import LATE, Reserved
from soju_actors.policy.address import is_local
from soju_actors.policy.egress import Egress, not_found
from soju_actors.policy.rate import TokenBucket
from soju_actors.ports.dials import DialReserved, ReserveDial, ReserveFailed
from soju_actors.ports.protocols import ToPacer, ToUpstream

log = logging.getLogger(__name__)

SLACK = 2 * LATE
"""Seconds more in which nodes of a cluster count what they begin: what they know of each other is not exact."""
RESERVE_AGAIN = 1.0
"""Seconds after which a time that could not be reserved is asked for again."""


class PacerActor(Actor[ToPacer]):
    """Lets upstreams connect, so that no host sees too many at once.

    Servers take many connections from one address in a short time for an attack. An
    asker that ends gives its place back.
    """

    __slots__ = ("args", "askers", "places")

    def __init__(self, args: PacerArgs) -> None:
        self.args = args
        self.places: dict[str, Place] = {}
        self.askers: dict[str, str] = {}
        """The host of each asker's attempt."""

    @on(AskToDial)
    def ask_to_dial(self, msg: AskToDial, turn: Turn) -> None:
        """Grant the attempt at once or put it in the line."""
        if turn.sender is None:
            log.error("somebody without a name asked to dial %s", msg.host)
            return
        asker: Ref[ToUpstream] = turn.sender
        self._forget(asker, turn)
        if msg.egress and (reason := self._misplaced(msg.egress)):
            turn.send(asker, DialRefused(msg.attempt, reason))
            return
        self.askers[asker.path] = msg.host
        turn.watch(asker)
        self._place(msg.host).waiting[asker.path] = msg.attempt
        self._grant(msg.host, turn)

    @on(DialEnded)
    def dial_ended(self, msg: DialEnded, turn: Turn) -> None:
        """Give the place to the next."""
        if turn.sender is not None and self.askers.get(turn.sender.path) == msg.host:
            self._forget(turn.sender, turn)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:
        """Do without an asker that has ended."""
        self._forget(msg.ref, turn)

    @on(TokenDue)
    def token_due(self, msg: TokenDue, turn: Turn) -> None:
        """Let the next begin."""
        self._grant(msg.host, turn)

    @on(DialReserved)
    def dial_reserved(self, msg: DialReserved, turn: Turn) -> None:
        """Let the next begin when the time has come; if nobody waits for it any more it is lost."""
        place = self.places.get(msg.host)
        if place is not None and isinstance(place.bucket, Reserved):
            place.bucket.reserved(turn.now, msg.wait)
            self._grant(msg.host, turn)

    @on(ReserveFailed)
    def reserve_failed(self, msg: ReserveFailed, turn: Turn) -> None:
        """Try again: without the database nobody knows how often the others connect."""
        self._not_reserved(msg.host, msg.reason, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Do the same where the database's own code has failed."""
        if isinstance(msg.job, ReserveDial):
            self._not_reserved(msg.job.host, msg.reason, turn)

    def _not_reserved(self, host: str, reason: str, turn: Turn) -> None:
        log.warning("cannot connect to %s yet: %s", host, reason)
        place = self.places.get(host)
        if place is not None and isinstance(place.bucket, Reserved):
            place.bucket.asked = None
            turn.after(host, RESERVE_AGAIN, TokenDue(host))

    def _misplaced(self, egress: Egress) -> str:
        """Return why this node is not what a network asks for, or nothing."""
        from soju_actors.pacer.egress import is_met  # noqa: PLC0415 - few networks ask for anything

        if is_met(egress, self.args):
            return ""
        return not_found(egress, self.args.offers if self.args.address is None else None)

    def _place(self, host: str) -> Place:
        if host not in self.places:
            self.places[host] = Place(self.args.at_once, self._bucket(host))
        return self.places[host]

    def _bucket(self, host: str) -> TokenBucket | Reserved:
        local = is_local(host) or not self.args.every
        if local or self.args.address is None:
            return TokenBucket(self.args.burst, 0.0 if local else self.args.every)
        return Reserved()

    def _reserve(self, host: str, place: Place, turn: Turn) -> None:
        """Have the database say when the next may begin."""
        if place.wants and isinstance(place.bucket, Reserved) and place.bucket.ask(turn.now):
            window = self.args.burst * self.args.every + SLACK
            turn.perform("reserver", ReserveDial(host, self.args.address or "", self.args.burst, window))

    def _forget(self, asker: Ref[ToUpstream], turn: Turn) -> None:
        host = self.askers.pop(asker.path, None)
        if host is not None:
            turn.unwatch(asker)
            self.places[host].forget(asker.path)
            self._grant(host, turn)

    def _grant(self, host: str, turn: Turn) -> None:
        place = self.places[host]
        for path, attempt in place.grant(turn.now):
            turn.send(Ref(path), DialGranted(attempt))
        self._reserve(host, place, turn)
        delay = place.alarm(turn.now)
        if delay:
            turn.after(host, delay, TokenDue(host))
        elif delay == 0.0:
            del self.places[host]
            turn.cancel(host)
        else:
            turn.cancel(host)
