"""Questions to all nodes: what runs where, and who talks to whom."""

from collections.abc import Callable
from typing import Any

from actors import Ref
from soju_actors.messages.cluster import AskUsers, Measure, Measured, UsersThere
from soju_actors.nodes.here import Here
from soju_actors.nodes.measuring import Measuring
from soju_actors.nodes.presence import Presence
from soju_actors.nodes.roster import Roster
from soju_actors.registry.counting import PATIENCE


class Survey:
    """One question to all nodes, until they have answered or had their time."""

    def __init__(self, wanted: int, done: Callable[[dict[str, Any]], None]) -> None:
        self._wanted = wanted
        self._done = done
        self._told: dict[str, Any] = {}

    def add(self, told: UsersThere | Measured) -> bool:
        """Take what a node says; return whether all have said it."""
        self._told[told.node] = told
        return len(self._told) >= self._wanted

    def finish(self) -> None:
        """Hand over what is there, by the name of the node."""
        self._done(self._told)


class Surveys:
    """Asks all nodes, and answers for this one. Those that have not answered in time are missing in the answer."""

    def __init__(self, here: Here, roster: Roster, presence: Presence) -> None:
        self._here = here
        self._roster = roster
        self._open: dict[int, Survey] = {}
        measuring = Measuring(here.name, here.tell)
        here.handlers[AskUsers] = lambda _, msg: here.tell(msg.node, presence.told(msg.request))
        here.handlers[UsersThere] = self._collect
        here.handlers[Measure] = lambda _, msg: measuring.begin(here.kernel, msg)
        here.handlers[Measured] = self._collect

    def users(self, done: Callable[[dict[str, UsersThere]], None]) -> None:
        """Ask what runs there."""
        self._ask(lambda number: AskUsers(self._here.name, number), done, PATIENCE)

    def traffic(self, seconds: float, done: Callable[[dict[str, Measured]], None]) -> None:
        """Have measured for a while who talks to whom."""
        self._ask(lambda number: Measure(self._here.name, seconds, number), done, seconds + PATIENCE)

    def _ask(self, question: Callable[[int], Any], done: Callable[[dict[str, Any]], None], patience: float) -> None:
        number = self._here.number()
        nodes = self._roster.known()
        self._open[number] = Survey(len(nodes), done)
        self._here.later(patience, lambda: self._finish(number))
        for node in nodes:
            self._here.tell(node, question(number))

    def _collect(self, _: Ref[Any] | None, msg: UsersThere | Measured) -> None:
        survey = self._open.get(msg.request)
        if survey is not None and survey.add(msg):
            self._finish(msg.request)

    def _finish(self, number: int) -> None:
        survey = self._open.pop(number, None)
        if survey is not None:
            survey.finish()
