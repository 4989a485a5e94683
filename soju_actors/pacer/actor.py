"""The pacer actor."""

import logging

from actors import Actor, Down, Ref, Turn, on
from soju_actors.messages.pacer import AskToDial, DialEnded, PacerArgs, TokenDue
from soju_actors.messages.upstream import DialGranted
from soju_actors.pacer.place import Place
from soju_actors.policy.address import is_local
from soju_actors.policy.rate import TokenBucket
from soju_actors.ports.protocols import ToPacer, ToUpstream

log = logging.getLogger(__name__)


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

    def _place(self, host: str) -> Place:
        if host not in self.places:
            every = 0.0 if is_local(host) else self.args.every
            self.places[host] = Place(self.args.at_once, TokenBucket(self.args.burst, every))
        return self.places[host]

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
        delay = place.alarm(turn.now)
        if delay:
            turn.after(host, delay, TokenDue(host))
        elif delay == 0.0:
            del self.places[host]
            turn.cancel(host)
        else:
            turn.cancel(host)
