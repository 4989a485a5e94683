"""What the daemon does as one node of a cluster: it joins, tells its registry who is there, and moves users.

This is no actor: it runs in the loop, since it asks the engine for what no actor can do.
"""

import logging
from asyncio import Future
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from msgspec.structs import replace

from actors import Endpoint, Ref
from actors.bases.node import NodeBase
from actors.bases.node.peers.peers import Member, Peers
from actors.bases.node.peers.standing import UNHEARD
from actors.bases.node.peers.trust import Trust, TrustError, read_trust
from actors.cluster.cluster import Cluster
from actors.cluster.hello import Hello, Role
from actors.cluster.moving import MoveError
from actors.placement.move import Limits
from actors.placement.text import explanation_text
from actors.placement.view import View
from actors.supervision import ChildSpec
from soju_actors.answers import AnswersFile
from soju_actors.collecting import Answer, Recording, Survey, status_lines
from soju_actors.config.settings import Cluster as ClusterSettings
from soju_actors.draining import Drain
from soju_actors.loads import EVERY, Gauge
from soju_actors.measuring import Measuring
from soju_actors.messages.cluster import (
    ActUntil,
    AskComing,
    AskUsers,
    Coming,
    ConfirmMove,
    Draining,
    LoadTold,
    Measure,
    Measured,
    MoveConfirmed,
    MoveUsers,
    NodeSeen,
    NodesSeen,
    RunCluster,
    UsersThere,
)
from soju_actors.messages.registry import AdminDone
from soju_actors.ports.protocols import ToNodes, ToRegistry
from soju_actors.presence import Presence, is_user
from soju_actors.rebalancing import Carrying, Rebalancing
from soju_actors.registry.counting import PATIENCE
from soju_actors.registry.placing import How, explained, node_for, node_for_socket, view_of
from soju_actors.registry.state import USERS
from soju_actors.talking import Talking

log = logging.getLogger(__name__)

REGISTRY: Ref[ToRegistry] = Ref("registry")
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
        self.name = settings.node
        self._seen: dict[str, NodeSeen] = {}
        self._numbers = 0
        self._placed = 0
        """For so many a node was chosen here."""
        self._confirming: dict[int, Callable[[str], None]] = {}
        self._collecting: dict[int, Survey] = {}
        """What waits for answers of the other nodes."""
        self._measuring = Measuring(self.name, self.tell)
        self._carrying = Carrying(self)
        self._answers: dict[str, str] = {}
        """Where somebody outside says that users are to run, by path."""
        self._handlers: dict[type, Callable[[Ref[Any] | None, Any], None]] = {
            MoveConfirmed: self._confirmed,
            ActUntil: self._act_until,
            RunCluster: self._run,
            Draining: self._note_draining,
            LoadTold: self._load_told,
            AskUsers: self._ask_users,
            AskComing: self._ask_coming,
            UsersThere: self._collect,
            MoveUsers: lambda _, msg: self._carrying.add(msg.moves),
            Measure: lambda _, msg: self._measuring.begin(self._cluster.kernel, msg),
            Measured: self._collect,
        }
        self._own = NodeSeen(settings.node, settings.zone, settings.role.value, dict(settings.capabilities))

    async def join(self) -> None:
        """Become one of the nodes.

        Raises:
            TrustError: the other nodes would not let this one in.
            OSError: it cannot listen for them.
        """
        trust = await self._base.loop.run_in_executor(None, Trust, Path(self._settings.keys))
        await self._base.join(member_of(self._settings, trust))
        peers = self._peers
        peers.on_standing = self._stand
        self._own = replace(self._own, apart=peers.standing.apart)
        self.take_part()

    def take_part(self) -> None:
        """Look after this node's part, now that it is one of the nodes."""
        cluster = self._cluster
        self._presence = Presence(self.name, cluster.kernel)
        cluster.heartbeat = self._settings.heartbeat
        cluster.on_joined.append(self._joined)
        cluster.on_lost.append(self._lost)
        cluster.placer = self._place
        cluster.moving.departures.confirm = self._confirm
        cluster.moving.departures.may_return = lambda ref: not is_user(ref.path)
        cluster.kernel.on_late = self._late
        self._base.answer_at(f"nodes@{self._settings.node}", self._receive)

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

    def begin(self) -> None:
        """Tell the registry, which runs now, who is there, and all nodes what there is to do here."""
        self._tell_load(Gauge(self._cluster.kernel))
        settings = self._settings
        if settings.rebalance:
            self._presence.talking = Talking(self.name, self._cluster.kernel, settings.rebalance)
            Rebalancing(self, settings.rebalance, settings.placement, Limits(rest=settings.rest)).begin()
        if settings.answers:
            AnswersFile(Path(settings.answers), self, self._answered).begin()

    def _answered(self, answers: dict[str, str]) -> None:
        self._answers = answers
        self._tell()

    @property
    def _cluster(self) -> Cluster:
        cluster = self._base.cluster
        assert cluster is not None  # noqa: S101 - for the type checker
        return cluster

    @property
    def _peers(self) -> Peers:
        peers = self._base.peers
        assert peers is not None  # noqa: S101 - for the type checker
        return peers

    # Who is there.

    def _stand(self) -> None:
        """The others let this node in, or do not, or there are none."""
        before, apart = self._own.apart, self._peers.standing.apart
        self._own = replace(self._own, apart=apart)
        if apart and before in {"", UNHEARD}:
            log.error("no node lets this one in, so it acts for no users until one does: %s", apart)
        elif not apart and before != UNHEARD:
            log.warning("this node acts for users again: %s", "it is let in" if self._seen else "there is no other")
        self._tell()

    def _joined(self, hello: Hello) -> None:
        self._seen[hello.node] = NodeSeen(hello.node, hello.zone, hello.role.value, dict(hello.capabilities))
        if self._own.draining:
            self.tell(hello.node, Draining(self.name, on=True))
        self._tell()

    def _lost(self, node: str) -> None:
        self._seen.pop(node, None)
        self._tell()

    def known(self) -> dict[str, NodeSeen]:
        """Return the nodes that are connected, this one among them."""
        return {self.name: self._own, **self._seen}

    def _tell(self) -> None:
        self._base.tell(REGISTRY, NodesSeen(tuple(self.known().values()), self._answers))

    def _tell_load(self, gauge: Gauge) -> None:
        load = gauge.look(len(self.users()))
        self._own = replace(self._own, load=load)
        for other in self._seen:
            self.tell(other, LoadTold(self.name, load))
        self._tell()
        self.later(EVERY, lambda: self._tell_load(gauge))

    def _load_told(self, _: Ref[Any] | None, msg: LoadTold) -> None:
        node = self._seen.get(msg.node)
        if node is not None:
            self._seen[msg.node] = replace(node, load=replace(msg.load, at=self._cluster.kernel.clock.now()))

    def view(self, nodes: Mapping[str, NodeSeen], *, sockets: bool = False) -> View:
        """Return what is known of nodes."""
        return view_of(nodes, self._cluster.kernel.clock.now(), sockets=sockets, answers=self._answers)

    def chance(self) -> Random:
        """Return chance for what is decided here."""
        return self._cluster.kernel.random_for("nodes")

    def _place(self, spec: ChildSpec, ref: Ref[Any]) -> str:
        """Choose the node of what owns a socket."""
        self._placed += 1
        how = How(self._settings.placement, self.chance(), self._placed)
        return node_for_socket(spec, ref, self.name, self.view(self.known(), sockets=True), how)

    # Messages.

    def _receive(self, sender: Ref[Any] | None, msg: Any) -> None:  # noqa: ANN401 - any message
        handler = self._handlers.get(type(msg))
        if handler is not None:
            handler(sender, msg)

    def _confirmed(self, _: Ref[Any] | None, msg: MoveConfirmed) -> None:
        done = self._confirming.pop(msg.request, None)
        if done is not None:
            done(msg.reason)

    def _act_until(self, _: Ref[Any] | None, msg: ActUntil) -> None:
        self._cluster.kernel.act_until = msg.time
        self._presence.held = msg

    def _ask_users(self, _: Ref[Any] | None, msg: AskUsers) -> None:
        self.tell(msg.node, self._presence.told(msg.request))

    def _ask_coming(self, _: Ref[Any] | None, msg: AskComing) -> None:
        coming = self._base.running(Ref(msg.path)) or self._cluster.moving.arrivals.expects(msg.path)
        self._base.tell(REGISTRY, Coming(msg.user_id, coming))

    def _collect(self, _: Ref[Any] | None, msg: UsersThere | Measured) -> None:
        survey = self._collecting.get(msg.request)
        if survey is not None and survey.add(msg):
            self._finish(msg.request)

    def _ask_all(self, done: Callable[[dict[str, Any]], None], patience: float = PATIENCE) -> int:
        """Return the number of a question; those who have not answered it in time are missing in the answer."""
        self._numbers += 1
        number = self._numbers
        self._collecting[number] = Survey(len(self.known()), done)
        self.later(patience, lambda: self._finish(number))
        return number

    def _finish(self, number: int) -> None:
        survey = self._collecting.pop(number, None)
        if survey is not None:
            survey.finish()

    def _run(self, sender: Ref[Any] | None, msg: RunCluster) -> None:
        if sender is None:
            return

        def answer(lines: tuple[str, ...], error: str = "") -> None:
            self._base.tell(sender, AdminDone(msg.request, lines, error=error))

        match msg.command, msg.words:
            case "status", ():
                self.survey(lambda there: answer(status_lines(self.known(), there)))
            case "move", (path, node):
                self._move(path, node, sender, msg, answer)
            case "explain", (path,):
                chance = self.chance()
                found = explained(path, self.view(self.known()), self._settings.placement, chance)
                answer(tuple(explanation_text(found).splitlines()))
            case "record", (file, seconds):
                self._record(Path(file), float(seconds), answer)
            case ("drain" | "undrain") as command, (node,):
                self._drain(node, sender, msg, answer, on=command == "drain")

    def _late(self) -> None:
        """End all that acts for users, before it reads or writes anything: other nodes may have their leases by now."""
        kernel = self._cluster.kernel
        log.warning("node %s was stopped for longer than its leases last", self.name)
        for cell in [cell for path, cell in kernel.running.items() if path.startswith(USERS)]:
            for link in list(cell.links or ()):
                kernel.sockets.abort(cell, link)
        for path in self.users():
            kernel.supervisor.stop(kernel.running[path], by_parent=True)

    # Moves.

    def _confirm(self, ref: Ref[Any], node: str, done: Callable[[str], None]) -> None:
        """Have the lease of a user given to the node where its actors go; other actors need none."""
        if not is_user(ref.path):
            done("")
            return
        self._numbers += 1
        self._confirming[self._numbers] = done
        self._base.tell(REGISTRY, ConfirmMove(ref.path, node, self._numbers))

    def _send_on(self, node: str, sender: Ref[Any], msg: RunCluster) -> None:
        """Let another node carry out a command, and answer to who asked."""
        self._cluster.kernel.route(sender, Ref(f"nodes@{node}"), msg)

    def _move(self, path: str, node: str, sender: Ref[Any], msg: RunCluster, answer: Answer) -> None:
        if node not in self.known():
            answer((), f"there is no node {node}: there are {', '.join(sorted(self.known()))}")
            return
        if not self._base.running(Ref(path)):
            at = self._cluster.whereabouts.find(path)
            if at is None or at not in self._seen:
                answer((), f"nothing runs at {path}")
            else:
                self._send_on(at, sender, msg)
            return
        moved = f"{path} is on node {node} now"
        if node == self.name:
            answer((moved,))
        else:
            self.move_to(path, node, lambda error: answer(() if error else (moved,), error))

    def move_to(self, path: str, node: str, done: Callable[[str], None]) -> None:
        """Move a user that runs here."""
        try:
            self._cluster.moving.move(path, node, done)
        except MoveError as error:
            done(str(error))

    def _drain(self, node: str, sender: Ref[Any], msg: RunCluster, answer: Answer, *, on: bool) -> None:
        if node not in self.known():
            answer((), f"there is no node {node}: there are {', '.join(sorted(self.known()))}")
        elif node != self.name:
            self._send_on(node, sender, msg)
        else:
            self._note_draining(None, Draining(node, on=on))
            for other in self._seen:
                self.tell(other, Draining(node, on=on))
            if on:
                Drain(self, answer).go_on()
            else:
                answer((f"Node {node} takes users again",))

    def _note_draining(self, _: Ref[Any] | None, msg: Draining) -> None:
        node = self.known().get(msg.node)
        if node is None:
            return
        seen = replace(node, draining=msg.on)
        if msg.node == self.name:
            self._own = seen
        else:
            self._seen[msg.node] = seen
        self._tell()

    def users(self) -> list[str]:
        """Return the paths of the users that run on this node."""
        return self._presence.users()

    def move_off(self, path: str, done: Callable[[str], None]) -> None:
        """Move a user to wherever it is to be instead of here."""
        others = {name: node for name, node in self.known().items() if name != self.name}
        self._placed += 1
        chance = self.chance()
        node = node_for(path, self.view(others), self._settings.placement, chance, number=self._placed)
        if node:
            self.move_to(path, node, done)
        else:
            done("no other node takes users")

    def tell(self, node: str, msg: Any) -> None:  # noqa: ANN401 - any message for nodes
        """Tell a node something; this one too."""
        self._base.tell(Ref[ToNodes](f"nodes@{node}"), msg)

    def in_thread(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Have something done in another thread, and go on with what it returns."""
        doing = self._base.loop.run_in_executor(None, call)
        doing.add_done_callback(lambda it: done(it.result()))

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Call something in so many seconds."""
        self._cluster.kernel.clock.later(delay, call)

    # Traffic.

    def _record(self, path: Path, seconds: float, answer: Answer) -> None:
        wanted = len(self.known())

        def write(told: dict[str, Measured]) -> None:
            recording = Recording(path, wanted, told)
            self.in_thread(recording.write, lambda error: answer(() if error else (recording.summary,), error))

        number = self._ask_all(write, seconds + PATIENCE)
        for name in self.known():
            self.tell(name, Measure(self.name, seconds, number))

    # Status.

    @property
    def leases(self) -> int:
        """So many users are those for whom this node may act."""
        return self._presence.leases

    def survey(self, done: Callable[[dict[str, UsersThere]], None]) -> None:
        """Ask all nodes what runs there; those that have not said it after a while are missing in the answer."""
        number = self._ask_all(done)
        for other in self._seen:
            self.tell(other, AskUsers(self.name, number))
        self._collect(None, self._presence.told(number))
