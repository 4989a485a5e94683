"""One node's part in a cluster: what goes to other nodes, and what comes from them."""

import itertools
import logging
from collections.abc import Callable, Iterable
from typing import Any

from actors import mailbox
from actors.cell import Cell
from actors.cluster.family import Family
from actors.cluster.hello import Hello, Welcome
from actors.cluster.losing import Losses
from actors.cluster.moving import Moving, States
from actors.cluster.parcel import Parcel
from actors.cluster.session import Origin, Session
from actors.cluster.switching import Switching
from actors.cluster.watches import Watches
from actors.cluster.whereabouts import Whereabouts
from actors.cluster.wire import NODE, Flush, Flushed
from actors.codec import Began as BeganAt
from actors.codec import Envelope
from actors.kernel import Kernel, Sender
from actors.message import tag_of
from actors.ref import Ref
from actors.supervision import ChildSpec
from actors.system import Down, Refused
from actors.turn import DROP, Undelivered

log = logging.getLogger(__name__)

BEAT = 0.25
"""Seconds between two beats."""
SILENCE_MOST = 6
"""Beats after which a silent node is lost: it may be busy with something else for all of them but one."""
LAST_LOOK = 0.05
"""Seconds for which a node that was silent for so long is listened to: if this one was busy, it has yet to read."""

_sendable: set[type] = set()
"""Classes of messages that have been looked at."""

Placer = Callable[[ChildSpec, Ref[Any]], str]
ForNode = Callable[[Session, Sender, Any], None]
ForActor = Callable[[Ref[Any], Sender, Any], None]


class Cluster:
    """What a kernel asks about other nodes.

    The order of messages from one actor to another holds over nodes: everything
    from this node to an actor takes one way, and when that changes,
    :class:`~actors.cluster.switching.Switching` holds what is new until what is old has arrived.
    """

    def __init__(self, kernel: Kernel, name: str, states: States) -> None:
        self.kernel = kernel
        self.name = name
        self._running = kernel.running
        self.sessions: dict[str, Session] = {}
        """With each node that is not lost."""
        self.heartbeat = BEAT
        """Seconds between two beats, the same on all nodes."""
        self.placer: Placer = lambda spec, ref: name  # noqa: ARG005
        """Chooses the node of a child that may be anywhere."""
        self.on_lost: list[Callable[[str], None]] = []
        """Called when a node is lost."""
        self.on_room: list[Callable[[str], None]] = []
        """Called when less waits for a node that was congested."""
        self.on_joined: list[Callable[[Hello], None]] = []
        """Called when a session with a node has begun."""
        self.for_node: dict[type, ForNode] = {Flushed: self._flushed}
        """What comes for the node itself, by class."""
        self.for_actor: dict[type, ForActor] = {Flush: self._flush_here, Down: self._down}
        """What comes about an actor, and is not for the actor itself."""
        self.numbers = itertools.count(1)
        """For what has an answer."""
        self.whereabouts = Whereabouts(name, kernel.directory)
        self.family = Family(self)
        self.watches = Watches(self)
        self.switching = Switching(self)
        self.moving = Moving(self, states)
        self.losses = Losses(self)
        self._bytes_gone = 0
        """Those of sessions with nodes that were lost."""
        self._offered: dict[str, int] = {}
        """The numbers of sessions that have not begun, by peer."""
        self._dirty: dict[Session, None] = {}
        """Those with something to send, in a certain order."""
        self._rng = kernel.random_for(NODE.path)
        kernel.cluster = self
        self._beat()

    @property
    def bytes(self) -> int:
        """So many were sent to other nodes and came from them, before encryption."""
        return self._bytes_gone + sum(session.bytes for session in self.sessions.values())

    # Out.

    def elsewhere(self, path: str) -> Session | None:
        """Return the way to an actor that is on another node."""
        node = self.whereabouts.find(path)
        return None if node is None else self.sessions.get(node)

    def forward(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered = DROP) -> bool:  # noqa: ANN401
        """Send a message to an actor on another node; return whether there may be one."""
        if not (self.moving.quiet and self.switching.quiet):
            return self.pass_along(Parcel(sender, to, msg, undelivered))
        session = self.elsewhere(to.path)
        if session is None:
            return self.losses.hold(Parcel(sender, to, msg, undelivered))
        self.send(session, sender, to, msg, undelivered)
        return True

    def pass_along(self, parcel: Parcel) -> bool:
        """Let a message wait for its way, or take it; return whether there is one."""
        path = parcel.to.path
        if self.moving.hold(parcel) or self.switching.hold(parcel):
            return True
        session = self.elsewhere(path)
        if session is None:
            return self.losses.hold(parcel)
        sender, to, msg, undelivered, origin, _ = parcel
        self.send(session, sender, to, msg, undelivered, origin, parcel.first_travel)
        return True

    def send(  # noqa: PLR0917 - all that is known of a message
        self,
        session: Session,
        sender: Sender,
        to: Ref[Any],
        msg: Any,  # noqa: ANN401 - any message
        undelivered: Undelivered = DROP,
        origin: Origin | None = None,
        began: BeganAt | None = None,
    ) -> None:
        """Send a message to a node."""
        if session.full and not self._may_be_sent(session, sender, to, msg):
            return
        if type(msg) not in _sendable:
            try:
                tag_of(type(msg))
            except TypeError as error:
                log.error("%s cannot send to another node: %s", sender, error)  # noqa: TRY400 - the sender's error
                return
            _sendable.add(type(msg))
        tap = self.kernel.tap
        if tap is not None and to.path:
            tap.away += (sender, to, msg)
        session.send((to, self.global_name(sender), msg, undelivered is Undelivered.RETURN, began), origin)

    def _may_be_sent(self, session: Session, sender: Sender, to: Ref[Any], msg: Any) -> bool:  # noqa: ANN401
        """Refuse what is too much; a node that takes nothing of what it is told itself is given up."""
        if sender is not None:
            self.kernel.route(to, sender, Refused(to, msg))
            return False
        self.kernel.soon(lambda: self.lose(session.peer, "too much waits for it"))
        return True

    def tell(self, node: str, msg: Any, sender: Sender = None) -> None:  # noqa: ANN401 - any message
        """Tell a node itself something; nothing if it is lost."""
        session = self.sessions.get(node)
        if session is not None:
            self.send(session, sender, NODE, msg)

    def tell_all(self, msg: Any) -> None:  # noqa: ANN401 - any message
        """Tell all nodes."""
        for node in list(self.sessions):
            self.tell(node, msg)

    def global_name(self, ref: Sender) -> Sender:
        """Return the name by which other nodes know an actor of this one."""
        if ref is not None and (cell := self.kernel.running.get(ref.path)) is not None:
            return cell.me
        return ref

    # In.

    def deliver(self, session: Session, number: int, envelope: Any) -> None:  # noqa: ANN401 - or what cannot be read
        """Take an envelope of another node."""
        if not isinstance(envelope, Envelope):
            log.error("node %s sent what cannot be read: %s", session.peer, envelope)
            return
        to, sender, msg = envelope.to, envelope.sender, envelope.message
        undelivered = Undelivered.RETURN if envelope.wanted_back else DROP
        if to.path in self._running and envelope.began is None and type(msg) not in self.for_actor:
            self.kernel.admit(sender, to, msg, undelivered)
        elif to == NODE:
            self._for_node(session, sender, msg)
        else:
            self._find_receiver(Parcel(sender, to, msg, undelivered, Origin(session, number), envelope.began))

    def _find_receiver(self, parcel: Parcel) -> None:
        path = parcel.to.path
        assert parcel.origin is not None  # noqa: S101 - for the type checker
        if self._has_come_back(parcel, parcel.origin.session):
            parcel.is_delivered()
        elif self.is_here(path) or not (self._goes_on(path, parcel.origin.session) and self.pass_along(parcel)):
            self.arrive(parcel)

    def _has_come_back(self, parcel: Parcel, peer: Session) -> bool:
        """Whether this node has sent a message over another one, and knows better than that one that it has arrived."""
        if parcel.began is None:
            return False
        node, session, number = parcel.began
        return node == self.name and session == peer.numbers[0] and peer.is_sure(number, parcel.to.path)

    def _goes_on(self, path: str, source: Session) -> bool:
        """Whether what came from a node for an actor that is not here is sent on, and not back to whence it came."""
        return self.moving.has_left(path) or self.elsewhere(path) is not source

    def _for_node(self, session: Session, sender: Sender, msg: Any) -> None:  # noqa: ANN401 - any message
        handler = self.for_node.get(type(msg))
        if handler is None:
            log.error("node %s sent %s, which is for no node", session.peer, type(msg).__qualname__)
        else:
            try:
                handler(session, sender, msg)
            except Exception:
                log.exception("what node %s sent was not dealt with: %s", session.peer, type(msg).__qualname__)

    def is_here(self, path: str) -> bool:
        """Whether an actor runs here, or waits here for its restart."""
        return self.kernel.directory.find(path) is not None or self.moving.arrived(path) is not None

    def check_free(self, ref: Ref[Any]) -> None:
        """Raise ValueError if a path is taken on this node."""
        if self.is_here(ref.path):
            raise ValueError(f"{ref} runs on node {self.name} already")

    def cell(self, path: str) -> Cell | None:
        """Return the cell of an actor that runs here."""
        return self.kernel.running.get(path) or self.moving.arrived(path)

    def arrive(self, parcel: Parcel) -> None:
        """Deliver a message that goes no further than this node."""
        sender, to, msg, *_ = parcel
        parcel.is_delivered()
        if parcel.began is not None and self.moving.arrivals.is_double(to.path, parcel.began):
            return
        handler = self.for_actor.get(type(msg))
        if handler is not None:
            handler(to, sender, msg)
        else:
            self.put(parcel)

    def put(self, parcel: Parcel) -> None:
        """Let an actor on this node have a message."""
        sender, to, msg, undelivered, origin, _ = parcel
        if to.path in self.kernel.running:
            (self.kernel.route if origin is None else self.kernel.admit)(sender, to, msg, undelivered)
        elif (cell := self.moving.arrived(to.path)) is not None:
            if origin is not None and cell.box is not None and len(cell.box) >= cell.limit:
                mailbox.overflow(cell, msg, sender, undelivered)
            else:
                mailbox.put(cell, msg, sender, undelivered)
        else:
            self.kernel.undelivered(sender, to, msg, undelivered)

    def redo(self, parcel: Parcel) -> None:
        """Deliver what was held, if it must not be held by somebody else now."""
        if self.kernel.directory.find(parcel.to.path) is not None or not self.pass_along(parcel):
            self.arrive(parcel)

    def redo_all(self, held: Iterable[Parcel]) -> None:
        """Deliver what was held, in order."""
        for parcel in held:
            self.redo(parcel)

    def _down(self, to: Ref[Any], sender: Sender, msg: Down) -> None:
        """What an actor here watched has ended; it need not be told again when the node of that one is lost."""
        self.watches.forget(msg.ref.path, to.path)
        self.put(Parcel(sender, to, msg))

    # Order.

    def _flush_here(self, to: Ref[Any], _: Sender, msg: Flush) -> None:
        answer = Flushed(to.path, msg.number)
        if msg.node == self.name:
            self._flushed(None, None, answer)
        else:
            self.tell(msg.node, answer)

    def _flushed(self, _: Session | None, __: Sender, msg: Flushed) -> None:
        self.switching.flushed(msg)

    # Peers.

    def welcome(self, peer: str) -> Welcome:
        """Return what a peer that is let in is told."""
        session = self.sessions.get(peer)
        if session is not None:
            return Welcome(session.numbers[0], session.received)
        number = self._offered.setdefault(peer, self._rng.getrandbits(62) + 1)
        return Welcome(number, 0)

    def admit(self, hello: Hello, ours: Welcome, theirs: Welcome) -> Session | None:
        """Go on with the session with a peer, or begin one; None if it has changed since we have greeted."""
        peer = hello.node
        numbers = (ours.session, theirs.session)
        session = self.sessions.get(peer)
        if session is not None and session.numbers == numbers:
            return session
        if session is not None:
            if session.numbers[0] != ours.session:
                return None
            self.lose(peer, "it has begun anew")
        elif self._offered.get(peer) != ours.session:
            return None
        self._offered.pop(peer, None)
        session = self.joined(peer)
        session.numbers, session.incarnation = numbers, hello.incarnation
        for call in self.on_joined:
            call(hello)
        return session

    def joined(self, peer: str) -> Session:
        """Begin a session with a node: tell it what runs here."""
        self.losses.conclude(peer)
        session = self.sessions[peer] = Session(peer, self.deliver, self._wake, self.kernel.clock.now)
        session.on_room = lambda: self._has_room(peer)
        self._listen(session)
        self.family.tell_all_of(peer)
        return session

    def _has_room(self, peer: str) -> None:
        for call in self.on_room:
            call(peer)

    def lose(self, peer: str, reason: str) -> None:
        """Give a node up: what ran on it has ended, and so has what ran here for it."""
        session = self.sessions.pop(peer, None)
        if session is None:
            return
        log.warning("node %s is lost: %s", peer, reason)
        self._bytes_gone += session.bytes
        self._dirty.pop(session, None)
        self._offered.pop(peer, None)
        self.losses.begin(session)
        for call in self.on_lost:
            call(peer)

    def _wake(self, session: Session) -> None:
        if not self._dirty:
            self.kernel.soon(self.flush)
        self._dirty[session] = None

    def flush(self) -> None:
        """Send what was said in this tick."""
        dirty, self._dirty = self._dirty, {}
        for session in dirty:
            session.flush()

    def _beat(self) -> None:
        for session in self.sessions.values():
            session.beat()
        self.losses.answer()
        self.kernel.clock.later(self.heartbeat, self._beat)

    def _listen(self, session: Session, *, last: bool = False) -> None:
        """Give a node up when it has been silent for too long, at that time and not at some beat after it."""
        if self.sessions.get(session.peer) is not session:
            return
        clock = self.kernel.clock
        now, due = clock.now(), session.heard + SILENCE_MOST * self.heartbeat
        if now < due:
            clock.later(due - now, self._listen, session)
        elif not last:
            clock.later(LAST_LOOK, self._listen_again, session)
        else:
            self.lose(session.peer, f"nothing was heard of it for {now - session.heard:.2f} s")

    def _listen_again(self, session: Session) -> None:
        self._listen(session, last=True)
