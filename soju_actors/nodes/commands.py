"""Commands of operators about the cluster; those about another node, or what runs there, are carried out on that."""

from pathlib import Path
from typing import Any

from actors import Ref
from actors.placement.text import explanation_text
from soju_actors.messages.cluster import Measured, RunCluster
from soju_actors.messages.registry import AdminDone
from soju_actors.nodes.collecting import Answer, Recording, status_lines
from soju_actors.nodes.draining import Drain
from soju_actors.nodes.here import Here
from soju_actors.nodes.moves import Moves
from soju_actors.nodes.presence import Presence
from soju_actors.nodes.roster import Roster
from soju_actors.nodes.surveys import Surveys
from soju_actors.registry.placing import explained


class Commands:
    """Carries them out, and answers to who asked."""

    def __init__(  # noqa: PLR0917 - all that there are commands about
        self, here: Here, roster: Roster, presence: Presence, moves: Moves, surveys: Surveys, strategy: str
    ) -> None:
        self._here = here
        self._roster = roster
        self._presence = presence
        self._moves = moves
        self._surveys = surveys
        self._strategy = strategy
        here.handlers[RunCluster] = self._run

    def _run(self, sender: Ref[Any] | None, msg: RunCluster) -> None:
        if sender is None:
            return

        def answer(lines: tuple[str, ...], error: str = "") -> None:
            self._here.base.tell(sender, AdminDone(msg.request, lines, error=error))

        match msg.command, msg.words:
            case "status", ():
                self._surveys.users(lambda there: answer(status_lines(self._roster.known(), there)))
            case "move", (path, node):
                self._move(path, node, sender, msg, answer)
            case "explain", (path,):
                self._roster.consult((path,), self._roster.view(), lambda: answer(self._explained(path)))
            case "record", (file, seconds):
                self._record(Path(file), float(seconds), answer)
            case ("drain" | "undrain") as command, (node,):
                self._drain(node, sender, msg, answer, on=command == "drain")

    def _explained(self, path: str) -> tuple[str, ...]:
        found = explained(path, self._roster.view(), self._strategy, self._here.chance())
        return tuple(explanation_text(found).splitlines())

    def _send_on(self, node: str, sender: Ref[Any], msg: RunCluster) -> None:
        """Let another node carry out a command, and answer to who asked."""
        self._here.kernel.route(sender, Ref(f"nodes@{node}"), msg)

    def _is_known(self, node: str, answer: Answer) -> bool:
        known = self._roster.known()
        if node not in known:
            answer((), f"there is no node {node}: there are {', '.join(sorted(known))}")
        return node in known

    def _move(self, path: str, node: str, sender: Ref[Any], msg: RunCluster, answer: Answer) -> None:
        if not self._is_known(node, answer):
            return
        here = self._here
        if not here.base.running(Ref(path)):
            at = here.cluster.whereabouts.find(path)
            if at is None or at == here.name or at not in self._roster.known():
                answer((), f"nothing runs at {path}")
            else:
                self._send_on(at, sender, msg)
            return
        moved = f"{path} is on node {node} now"
        if node == here.name:
            answer((moved,))
        else:
            self._moves.move_to(path, node, lambda error: answer(() if error else (moved,), error))

    def _drain(self, node: str, sender: Ref[Any], msg: RunCluster, answer: Answer, *, on: bool) -> None:
        if not self._is_known(node, answer):
            return
        if node != self._here.name:
            self._send_on(node, sender, msg)
            return
        self._roster.drain(on=on)
        if on:
            Drain(self._moves, self._here, self._presence.users(), answer).go_on()
        else:
            answer((f"Node {node} takes users again",))

    def _record(self, path: Path, seconds: float, answer: Answer) -> None:
        wanted = len(self._roster.known())

        def write(told: dict[str, Measured]) -> None:
            recording = Recording(path, wanted, told)
            self._here.in_thread(recording.write, lambda error: answer(() if error else (recording.summary,), error))

        self._surveys.traffic(seconds, write)
