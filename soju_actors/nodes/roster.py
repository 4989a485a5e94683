"""Which nodes there are, and what is known of each: by that users and sockets are placed."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from actors import Ref
from actors.bases.node.peers.standing import UNHEARD
from actors.cluster.hello import Hello
from actors.placement.view import View
from actors.supervision import ChildSpec
from soju_actors.config.settings import Cluster as ClusterSettings
from soju_actors.messages.cluster import (
    Answered,
    AskPlaces,
    Draining,
    LoadSeen,
    LoadTold,
    NodeSeen,
    NodesSeen,
    PlacesAsked,
)
from soju_actors.nodes.consulting import Consulting
from soju_actors.nodes.here import Here
from soju_actors.registry.placing import How, node_for, node_for_socket, view_of, with_answers

log = logging.getLogger(__name__)


class Roster:
    """This node and those that it is connected with; the registry is told of every change."""

    def __init__(self, here: Here, settings: ClusterSettings) -> None:
        self.own = NodeSeen(settings.node, settings.zone, settings.role.value, dict(settings.capabilities))
        self._here = here
        self._strategy = settings.placement
        self._others: dict[str, NodeSeen] = {}
        self._answers: dict[str, Answered] = {}
        """Where somebody outside says that users are to run, by path."""
        self.outside: Consulting | None = None
        """Asks the program outside, if there is one that can be asked."""
        self._placed = 0
        """For so many a node was chosen here."""
        here.handlers[Draining] = self._note_draining
        here.handlers[LoadTold] = self._load_told
        here.handlers[AskPlaces] = self._ask_places
        here.cluster.on_joined.append(self._joined)
        here.cluster.on_lost.append(self._lost)
        here.cluster.placer = self._node_for_socket

    def known(self) -> dict[str, NodeSeen]:
        """Return the nodes that are connected, this one among them."""
        return {self._here.name: self.own, **self._others}

    def tell_others(self, msg: Any) -> None:  # noqa: ANN401 - any message for nodes
        """Tell the other nodes something."""
        for other in self._others:
            self._here.tell(other, msg)

    def _tell_registry(self) -> None:
        self._here.tell_registry(NodesSeen(tuple(self.known().values()), self._answers))

    # What changes.

    def stands(self, apart: str) -> None:
        """The others let this node in, or do not, or there are none."""
        before, self.own = self.own.apart, replace(self.own, apart=apart)
        if apart and before in {"", UNHEARD}:
            log.error("no node lets this one in, so it acts for no users until one does: %s", apart)
        elif not apart and before != UNHEARD:
            log.warning("this node acts for users again: %s", "it is let in" if self._others else "there is no other")
        self._tell_registry()

    def _joined(self, hello: Hello) -> None:
        self._others[hello.node] = NodeSeen(hello.node, hello.zone, hello.role.value, dict(hello.capabilities))
        if self.own.draining:
            self._here.tell(hello.node, Draining(self._here.name, on=True))
        self._tell_registry()

    def _lost(self, node: str) -> None:
        self._others.pop(node, None)
        self._tell_registry()

    def answered(self, answers: dict[str, str]) -> None:
        """Somebody outside says where users are to run; who is not named has no answer any more."""
        now = self._here.kernel.clock.now()
        self._answers = {path: Answered(node, now) for path, node in answers.items()}
        self._tell_registry()

    def answered_for(self, paths: frozenset[str], answers: dict[str, str]) -> None:
        """Somebody outside says where these users are to run; what was said of others goes on to count."""
        now = self._here.kernel.clock.now()
        kept = {path: answer for path, answer in self._answers.items() if path not in paths}
        self._answers = kept | {path: Answered(node, now) for path, node in answers.items()}
        self._tell_registry()

    def consult(self, paths: tuple[str, ...], view: View, done: Callable[[], None]) -> None:
        """Go on when the program outside, if there is one, has been asked where users are to run."""
        if self.outside is None:
            done()
        else:
            self.outside.ask(paths, view, done)

    def _ask_places(self, _: Ref[Any] | None, msg: AskPlaces) -> None:
        self.consult(msg.paths, self.view(), lambda: self._here.tell_registry(PlacesAsked(msg.paths)))

    def drain(self, *, on: bool) -> None:
        """Take no users any more, or take them again."""
        self.own = replace(self.own, draining=on)
        self.tell_others(Draining(self._here.name, on=on))
        self._tell_registry()

    def _note_draining(self, _: Ref[Any] | None, msg: Draining) -> None:
        node = self._others.get(msg.node)
        if node is not None:
            self._others[msg.node] = replace(node, draining=msg.on)
            self._tell_registry()

    def tell_load(self, load: LoadSeen) -> None:
        """Let all nodes know what there is to do here."""
        self.own = replace(self.own, load=load)
        self.tell_others(LoadTold(self._here.name, load))
        self._tell_registry()

    def _load_told(self, _: Ref[Any] | None, msg: LoadTold) -> None:
        node = self._others.get(msg.node)
        if node is not None:
            self._others[msg.node] = replace(node, load=replace(msg.load, at=self._here.kernel.clock.now()))

    # Where to.

    def view(self, nodes: Mapping[str, NodeSeen] | None = None, *, sockets: bool = False) -> View:
        """Return what is known of nodes, or of all."""
        now = self._here.kernel.clock.now()
        return view_of(self.known() if nodes is None else nodes, now, sockets=sockets, answers=self._answers)

    def with_answers(self, view: View) -> View:
        """Return a view with what has been said outside by now."""
        return with_answers(view, self._answers, self._here.kernel.clock.now())

    def other_for(self, path: str, done: Callable[[str], None]) -> None:
        """Choose another node for a user of this one; there may be none."""
        self.consult((path,), self.view(), lambda: done(self._other_for(path)))

    def _other_for(self, path: str) -> str:
        self._placed += 1
        return node_for(path, self.view(self._others), self._strategy, self._here.chance(), number=self._placed)

    def _node_for_socket(self, spec: ChildSpec, ref: Ref[Any]) -> str:
        """Choose the node of what owns a socket."""
        self._placed += 1
        how = How(self._strategy, self._here.chance(), self._placed)
        return node_for_socket(spec, ref, self._here.name, self.view(sockets=True), how)
