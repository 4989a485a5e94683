"""One node's part in a cluster: what goes to other nodes, and what comes from them."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from actors import codec
from actors.cell import Cell, State
from actors.cluster.hello import Hello, Welcome
from actors.cluster.session import MESSAGE_MOST, Letter, Session
from actors.cluster.switching import Switching
from actors.cluster.whereabouts import Whereabouts, node_of
from actors.cluster.wire import (
    NODE,
    Began,
    ChildEnded,
    Ended,
    Flush,
    Flushed,
    SpawnHere,
    Unwatch,
    Watch,
)
from actors.kernel import Kernel, Sender
from actors.ref import Ref
from actors.supervision import ChildSpec, Place
from actors.system import Down, Refused
from actors.turn import DROP, Undelivered

log = logging.getLogger(__name__)

BEAT = 0.5
"""Seconds between two beats."""
SILENCE_MOST = 2.0
"""Seconds of silence after which a node is lost."""

Placer = Callable[[ChildSpec, Ref[Any]], str]
Handler = Callable[[Session, Ref[Any], Sender, Any], None]


class Cluster:
    """What a kernel asks about other nodes.

    The order of messages from one actor to another holds over nodes: everything
    from this node to an actor takes one way, and when that changes,
    :class:`~actors.cluster.switching.Switching` holds what is new until what is old has arrived.
    """

    def __init__(self, kernel: Kernel, name: str) -> None:
        self.kernel = kernel
        self.name = name
        self.sessions: dict[str, Session] = {}
        """With each node that is not lost."""
        self.whereabouts = Whereabouts(name, kernel.directory)
        self.placer: Placer = lambda spec, ref: name  # noqa: ARG005
        """Chooses the node of a child that may be anywhere."""
        self.on_lost: list[Callable[[str], None]] = []
        """Called when a node is lost, after everybody has been told."""
        self.on_joined: list[Callable[[Hello], None]] = []
        """Called when a session with a node has begun."""
        self._guests: dict[str, Cell] = {}
        """Those that run here for a parent on another node."""
        self._away: dict[str, Cell] = {}
        """Children of actors here that run on another node."""
        self._watched: dict[str, set[str]] = {}
        """Actors of other nodes that actors here watch: who."""
        self._offered: dict[str, int] = {}
        """The numbers of sessions that have not begun, by peer."""
        self._dirty: set[Session] = set()
        self._rng = kernel.random_for(NODE.path)
        self._switching = Switching(self)
        self.for_node: dict[type, Handler] = {
            Began: self._began,
            Ended: self._ended,
            SpawnHere: self._spawn_here,
            Flushed: lambda _, __, ___, msg: self._switching.flushed(msg),
        }
        """What comes for the node itself, by class."""
        self.for_actor: dict[type, Handler] = {
            Watch: self._watch_here,
            Unwatch: self._unwatch_here,
            ChildEnded: self._child_ended,
            Flush: self._flush_here,
        }
        """What comes about an actor, and is not for the actor itself."""
        kernel.cluster = self
        self._beat()

    # Out.

    def elsewhere(self, path: str) -> Session | None:
        """Return the way to an actor that is on another node."""
        node = self.whereabouts.find(path)
        return None if node is None else self.sessions.get(node)

    def forward(self, sender: Sender, to: Ref[Any], msg: Any, undelivered: Undelivered) -> bool:  # noqa: ANN401
        """Send a message to an actor on another node; return whether there may be one."""
        if self._switching.hold(sender, to, msg, undelivered):
            return True
        session = self.elsewhere(to.path)
        if session is None:
            return False
        self.send(session, sender, to, msg, undelivered)
        return True

    def send(
        self,
        session: Session,
        sender: Sender,
        to: Ref[Any],
        msg: Any,  # noqa: ANN401 - any message
        undelivered: Undelivered = DROP,
    ) -> None:
        """Send a message to a node."""
        wanted_back = undelivered is Undelivered.RETURN
        if session.full and sender is not None:
            self.kernel.route(to, sender, Refused(to, msg))
            return
        try:
            envelope = codec.encode(to, self.global_name(sender), msg, wanted_back=wanted_back)
        except TypeError:
            log.exception("%s cannot send %s to another node", sender, type(msg).__qualname__)
            return
        if len(envelope) > MESSAGE_MOST:
            log.error("%s of %s has %d bytes: too many to be sent", type(msg).__qualname__, sender, len(envelope))
            return
        session.send(envelope)
        if wanted_back:
            session.want_back(sender, to, msg)

    def tell(self, node: str, msg: Any) -> None:  # noqa: ANN401 - any message
        """Tell a node itself something; nothing if it is lost."""
        session = self.sessions.get(node)
        if session is not None:
            self.send(session, None, NODE, msg)

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

    def deliver(self, session: Session, number: int, envelope: bytes) -> None:
        """Take an envelope of another node."""
        try:
            to, sender, msg, wanted_back = codec.decode(envelope)
        except ValueError as error:
            log.error(  # noqa: TRY400 - the trace says nothing of a peer's bytes
                "node %s sent what cannot be read: %s", session.peer, error
            )
            return
        if to == NODE:
            self._for_node(session, sender, msg)
            return
        undelivered = Undelivered.RETURN if wanted_back else DROP
        if not self._is_here(to.path) and (other := self.elsewhere(to.path)) is not None and other is not session:
            self.send(other, sender, to, msg, undelivered)
            session.pass_on(number, other)
        else:
            self._here(session, to, sender, msg, undelivered)

    def _for_node(self, session: Session, sender: Sender, msg: Any) -> None:  # noqa: ANN401 - any message
        handler = self.for_node.get(type(msg))
        if handler is None:
            log.error("node %s sent %s, which is for no node", session.peer, type(msg).__qualname__)
        else:
            handler(session, NODE, sender, msg)

    def _is_here(self, path: str) -> bool:
        return self.kernel.directory.find(path) is not None

    def _here(self, session: Session, to: Ref[Any], sender: Sender, msg: Any, undelivered: Undelivered) -> None:  # noqa: ANN401
        handler = self.for_actor.get(type(msg))
        if handler is not None:
            handler(session, to, sender, msg)
        elif to.path in self.kernel.running:
            if type(msg) is Down:
                self._forget_watch(msg.ref.path, to.path)
            self.kernel.route(sender, to, msg, undelivered)
        else:
            self.kernel.undelivered(sender, to, msg, undelivered)

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
        session = self.sessions[peer] = Session(peer, self.deliver, self._wake, self.kernel.clock.now)
        if paths := self._roots():
            self.tell(peer, Began(paths))
        return session

    def _roots(self) -> list[str]:
        """Return what other nodes cannot find by what is above it."""
        top = self.kernel.supervisor.root.children or {}
        here = [cell.me.path for cell in top.values() if cell.state is not State.AWAY and not node_of(cell.me.path)]
        return here + list(self._guests)

    def lose(self, peer: str, reason: str) -> None:
        """Give a node up: what ran on it has ended, and so has what ran here for it."""
        session = self.sessions.pop(peer, None)
        if session is None:
            return
        log.warning("node %s is lost: %s", peer, reason)
        self._dirty.discard(session)
        on_it = {path for path in (*self._away, *self._watched) if self.whereabouts.find(path) == peer}
        orphans = [cell for cell in self._guests.values() if self._parent_is_at(cell, peer)]
        self.whereabouts.is_lost(peer)
        self._switching.lost(peer)
        self._return(session.lose())
        reason = f"node {peer} is lost"
        for path in on_it:
            self._tell_watchers(path, reason)
        for path in on_it & self._away.keys():
            self.kernel.supervisor.lost(self._away.pop(path), reason)
        for cell in orphans:
            self.kernel.supervisor.stop(cell, by_parent=True)
        self._offered.pop(peer, None)
        for call in self.on_lost:
            call(peer)

    def _parent_is_at(self, guest: Cell, node: str) -> bool:
        return self.whereabouts.find(guest.me.path.rpartition("/")[0]) == node

    def _return(self, letters: Iterable[Letter]) -> None:
        for letter in letters:
            self.kernel.nobody(letter.sender, letter.to, letter.message, Undelivered.RETURN)

    def _wake(self, session: Session) -> None:
        if not self._dirty:
            self.kernel.soon(self.flush)
        self._dirty.add(session)

    def flush(self) -> None:
        """Send what was said in this tick."""
        dirty, self._dirty = self._dirty, set()
        for session in dirty:
            session.flush()

    def _beat(self) -> None:
        now = self.kernel.clock.now()
        for peer, session in list(self.sessions.items()):
            if now - session.heard > SILENCE_MOST:
                self.lose(peer, f"nothing was heard of it for {now - session.heard:.1f} s")
            else:
                session.beat()
        self.kernel.clock.later(BEAT, self._beat)

    # What runs where.

    def place(self, cell: Cell) -> bool:
        """Let a child that is to start run on another node, if that is where it is to be."""
        parent = cell.parent
        if cell.spec.place is Place.HERE or not isinstance(parent, Cell) or parent is self.kernel.supervisor.root:
            return False
        node = self.placer(cell.spec, cell.me)
        session = self.sessions.get(node)
        if session is None:
            return False
        self._away[cell.me.path] = cell
        self.whereabouts.is_at(cell.me.path, node)
        self.send(session, parent.me, NODE, SpawnHere(cell.spec))
        return True

    def began(self, cell: Cell) -> None:
        """An actor has been started here; others are told if they could not know."""
        if cell.parent is self.kernel.supervisor.root and not node_of(cell.me.path):
            self.tell_all(Began([cell.me.path]))

    def ended(self, cell: Cell, reason: str, *, gave_up: bool) -> None:
        """An actor has ended for good: others are told, and its parent, if that is on another node."""
        path = cell.me.path
        self._away.pop(path, None)
        guest = self._guests.pop(path, None) is not None
        if guest or (cell.parent is self.kernel.supervisor.root and not node_of(path)):
            self.tell_all(Ended([path]))
        if guest and cell.parent is not None:
            self.forward(cell.me, cell.parent.me, ChildEnded(cell.spec.name, reason, gave_up), DROP)

    def _began(self, session: Session, _: Ref[Any], __: Sender, msg: Began) -> None:
        for path in msg.paths:
            for old_path, old in self.whereabouts.is_at(path, session.peer).items():
                self._switching.changed(old_path, old)

    def _ended(self, session: Session, _: Ref[Any], __: Sender, msg: Ended) -> None:
        for path in msg.paths:
            self.whereabouts.is_gone(path, session.peer)

    def _spawn_here(self, session: Session, _: Ref[Any], parent: Sender, msg: SpawnHere) -> None:
        if parent is None:
            log.error("node %s wants a child without a parent", session.peer)
            return
        ref: Ref[Any] = Ref(f"{parent.path}/{msg.spec.name}")
        if self._is_here(ref.path):
            log.error("node %s wants %s, which runs here already", session.peer, ref)
            self.send(session, ref, parent, ChildEnded(msg.spec.name, "it runs on another node", gave_up=True))
            return
        try:
            cell = self.kernel.supervisor.guest(parent, msg.spec, ref)
        except (ImportError, TypeError) as error:
            self.send(session, ref, parent, ChildEnded(msg.spec.name, str(error), gave_up=True))
            return
        self._guests[ref.path] = cell
        self.kernel.supervisor.start(cell)
        self.tell_all(Began([ref.path]))

    def _child_ended(self, _: Session, parent: Ref[Any], __: Sender, msg: ChildEnded) -> None:
        cell = self._away.pop(f"{parent.path}/{msg.name}", None)
        if cell is not None:
            self.kernel.supervisor.gone(cell, msg.reason, gave_up=msg.gave_up)

    # Watches.

    def watch(self, cell: Cell, ref: Ref[Any]) -> bool:
        """Watch an actor on another node; return whether there may be one."""
        if not self.forward(cell.me, ref, Watch(), DROP):
            return False
        self._watched.setdefault(ref.path, set()).add(cell.me.path)
        return True

    def unwatch(self, cell: Cell, path: str) -> None:
        """Do not watch it any more."""
        watchers = self._watched.get(path)
        if watchers is not None and cell.me.path in watchers:
            self._forget_watch(path, cell.me.path)
            self.forward(cell.me, Ref(path), Unwatch(), DROP)

    def _forget_watch(self, path: str, watcher: str) -> None:
        watchers = self._watched.get(path, set())
        watchers.discard(watcher)
        if not watchers:
            self._watched.pop(path, None)

    def _tell_watchers(self, path: str, reason: str) -> None:
        for watcher in self._watched.pop(path, ()):
            self.kernel.route(Ref(path), Ref(watcher), Down(Ref(path), reason))

    def _watch_here(self, _: Session, to: Ref[Any], watcher: Sender, __: Watch) -> None:
        if watcher is None:
            return
        target = self.kernel.running.get(to.path)
        if target is None:
            self.kernel.route(to, watcher, Down(to, "not running"))
            return
        if target.watchers is None:
            target.watchers = {}
        target.watchers[watcher.path] = watcher

    def _unwatch_here(self, _: Session, to: Ref[Any], watcher: Sender, __: Unwatch) -> None:
        target = self.kernel.running.get(to.path)
        if watcher is not None and target is not None and target.watchers is not None:
            target.watchers.pop(watcher.path, None)

    # Order.

    def _flush_here(self, _: Session, to: Ref[Any], __: Sender, msg: Flush) -> None:
        self.tell(msg.node, Flushed(to.path, msg.number))
