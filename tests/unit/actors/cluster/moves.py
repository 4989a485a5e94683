"""Three nodes on which actors tell each other numbers, and a seeded hand that moves them."""

import random
from collections.abc import Callable, Iterable

from actors import Ref
from actors.bases.inline import InlineCluster
from actors.cluster.moving import MoveError
from tests.contract.actors.tellers import PACKAGE, Rest, Teller, TellerArgs, spec

NAMES = ("one", "two", "three")
FAMILY = "two/child"
ALL = (*NAMES, FAMILY, "three/away")
LAGS = (0.0002, 0.0005, 0.001, 0.02)


class Moves:
    """Three nodes on which actors tell each other numbers, and a seeded hand that moves them."""

    def __init__(self, seed: int, *, ballast: int = 0, every: float = 0.004) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a test that repeats
        self.cluster = InlineCluster("abc", seed=seed, lag=lambda _, __, rng: rng.choice(LAGS), packages=(PACKAGE,))
        self.results: list[str] = []
        self.dead: set[str] = set()
        """What has ended with its node, or may have."""
        self._ballast, self._every = ballast, every
        self.place_anywhere()
        for home, name in zip("abc", NAMES, strict=True):
            self.spawn(home, name)
        self.cluster.advance(0.5)

    def place_anywhere(self) -> None:
        """Let children that may be anywhere be on any node that lives."""
        for node in self.cluster.nodes.values():
            node.cluster.placer = lambda _, __: self.rng.choice("abc")

    def spawn(self, home: str, name: str) -> None:
        children = ("child",) if name == "two" else ()
        away = ("away",) if name == "three" else ()
        others = tuple(other for other in ALL if other != name)
        args = TellerArgs(others, self._every, children, away, self._ballast)
        self.cluster.nodes[home].spawn(spec(name, args))

    def where(self, path: str) -> str:
        node = self.cluster.node_of(Ref(path))
        return "" if node is None else node.name

    def places(self, path: str) -> list[str]:
        """Return all nodes on which an actor runs, also those that others do not find it at yet."""
        return [n.name for n in self.cluster.nodes.values() if n.alive and n.cluster.cell(path) is not None]

    def move(self, path: str, to: str) -> None:
        """Begin a move, if it can be."""
        node = self.cluster.node_of(Ref(path))
        if node is None or node.name == to or not self.cluster.nodes[to].alive:
            return
        try:
            node.cluster.moving.move(path, to, self.results.append)
        except MoveError as error:
            self.results.append(str(error))

    def move_some(self, count: int, between: Callable[[], float]) -> None:
        for _ in range(count):
            self.move(self.rng.choice(NAMES), self.rng.choice("abc"))
            self.cluster.advance(between())

    def teller(self, path: str) -> Teller:
        node = self.cluster.node_of(Ref(path))
        assert node is not None, f"{path} runs nowhere"
        actor = node.actor(Ref(path))
        assert isinstance(actor, Teller)
        return actor

    def kill(self, name: str, *, arrives: bool) -> None:
        """End a node; what may have been there is not counted on."""
        there = {path for path in ALL if self.places(path) in ([name], [])}
        self.dead |= there | {path for path in ALL if path.rpartition("/")[0] in there}
        self.cluster.kill(name, arrives=arrives)

    def begin_anew(self, name: str) -> None:
        """Let a node that was killed come back, and everybody tell from one on."""
        self.cluster.restart(name)
        self.place_anywhere()
        for path in NAMES:
            if (node := self.cluster.node_of(Ref(path))) is not None:
                node.stop(Ref(path))
        self.cluster.advance(1.0)
        assert [path for path in ALL if self.places(path)] == []
        self.dead.clear()
        for path in NAMES:
            self.spawn(self.rng.choice("abc"), path)
        self.cluster.advance(0.5)

    def settle(self) -> None:
        """Let all moves end, everybody rest, and everything arrive."""
        self.cluster.advance(1.5)
        self.rest()
        self.cluster.advance(0.5)

    def rest(self) -> None:
        """Let nobody tell anything more, of those that can be found."""
        for path in ALL:
            if (node := self.cluster.node_of(Ref(path))) is not None:
                node.tell(Ref(path), Rest())

    def audit(self, paths: Iterable[str] = ALL) -> None:
        """Check that each has heard all that each other has said, once and in order."""
        tellers = {path: self.teller(path) for path in paths}
        for path, teller in tellers.items():
            assert [c for c in teller.complaints if c.split()[4] in tellers] == [], path
            assert not set(teller.downs) & set(tellers), path
            for other, said in teller.said.items():
                if other in tellers and other != path:
                    assert tellers[other].heard.get(path, 0) == said, f"{path} → {other}"

    def audit_survivors(self) -> None:
        """Check that nobody runs twice, that those that live have missed nothing, and know who does not."""
        for path in ALL:
            assert len(self.places(path)) <= 1, f"{path} runs on {self.places(path)}"
        survivors = [path for path in ALL if path not in self.dead]
        for path in survivors:
            assert self.places(path), f"{path} runs nowhere"
        self.audit(survivors)
        gone = {path for path in self.dead if not self.places(path)}
        for path in survivors:
            missed = gone & set(self.teller(path).said) - set(self.teller(path).downs)
            assert not missed, f"{path} was not told that {missed} ended"
