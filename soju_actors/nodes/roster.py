"""Which nodes there are, and what is known of each: by that users and sockets are placed."""

import logging
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from actors import Ref
from actors.bases.node.peers.standing import UNHEARD
from actors.cluster.hello import Hello
from actors.placement.view import View
from actors.supervision import ChildSpec
from soju_actors.config.settings import Cluster as ClusterSettings
from soju_actors.messages.cluster import Draining, LoadSeen, LoadTold, NodeSeen, NodesSeen
from soju_actors.nodes.here import Here
from soju_actors.registry.placing import How, node_for, node_for_socket, view_of

log = logging.getLogger(__name__)


class Roster:
    """This node and those that it is connected with; the registry is told of every change."""

    def __init__(self, here: Here, settings: ClusterSettings) -> None:
        self.own = NodeSeen(settings.node, settings.zone, settings.role.value, dict(settings.capabilities))
        self._here = here
        self._strategy = settings.placement
        self._others: dict[str, NodeSeen] = {}
        self._answers: dict[str, str] = {}
        """Where somebody outside says that users are to run, by path."""
        self._placed = 0
        """For so many a node was chosen here."""
        here.handlers[Draining] = self._note_draining
        here.handlers[LoadTold] = self._load_told
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
        """Somebody outside says where users are to run."""
        self._answers = answers
        self._tell_registry()

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

    def other_for(self, path: str) -> str:
        """Choose another node for a user of this one; there may be none."""
        self._placed += 1
        return node_for(path, self.view(self._others), self._strategy, self._here.chance(), number=self._placed)

    def _node_for_socket(self, spec: ChildSpec, ref: Ref[Any]) -> str:
        """Choose the node of what owns a socket."""
        self._placed += 1
        how = How(self._strategy, self._here.chance(), self._placed)
        return node_for_socket(spec, ref, self._here.name, self.view(sockets=True), how)
