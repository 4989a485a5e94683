"""Questions to the program outside: one at a time, none that is waited for, and what has come of them."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from actors.placement.view import View
from soju_actors.nodes.here import Here
from soju_actors.nodes.program import Heard, Program, Question

log = logging.getLogger(__name__)

PAUSES = (0.5, 30.0)
"""Seconds for which a program that has not answered is not asked again, at first and at most; doubled each time."""
QUIET = 60.0
"""Seconds from one complaint in the log to the next."""

Answers = Callable[[frozenset[str], dict[str, str]], None]
"""Takes the paths that were asked for, and the nodes of those that were answered."""


class _Waiting(NamedTuple):
    paths: tuple[str, ...]
    view: View
    done: Callable[[], None]


class Consulting:
    """Asks the program in a thread. What comes up meanwhile is the next question."""

    def __init__(self, here: Here, program: Program, answered: Answers) -> None:
        self._here = here
        self._program = program
        self._answered = answered
        self._waiting: list[_Waiting] = []
        self._asking = False
        self._pause = PAUSES[0]
        self._not_before = 0.0
        self._quiet_until = 0.0
        self._known = False
        """It has answered, and that was logged."""

    def ask(self, paths: tuple[str, ...], view: View, done: Callable[[], None]) -> None:
        """Ask where users are to run; then go on, be it answered or not."""
        if not paths or self._here.kernel.clock.now() < self._not_before:
            done()
            return
        self._waiting.append(_Waiting(paths, view, done))
        if not self._asking:
            self._ask()

    def _ask(self) -> None:
        waiting, self._waiting = self._waiting, []
        paths = tuple(dict.fromkeys(path for one in waiting for path in one.paths))
        view = max((one.view for one in waiting), key=lambda view: len(view.groups))
        question = Question(self._here.number(), self._here.name, paths, view)
        self._asking = True
        self._here.in_thread(lambda: self._program.ask(question), lambda heard: self._take(question, waiting, heard))

    def _take(self, question: Question, waiting: list[_Waiting], heard: Heard) -> None:
        self._asking = False
        now = self._here.kernel.clock.now()
        if heard.wrong:
            self._complain(heard.wrong, now)
        if heard.answers is None:
            self._known = False
            self._not_before = now + self._pause
            self._pause = min(2 * self._pause, PAUSES[1])
        else:
            self._pause = PAUSES[0]
            if not self._known:
                log.info("the program at %s says where users are to run", self._program.at)
                self._known = True
            self._answered(frozenset(question.paths), heard.answers)
        for one in waiting:
            one.done()
        if self._waiting and not self._asking:
            self._ask()

    def _complain(self, wrong: str, now: float) -> None:
        level = logging.DEBUG if now < self._quiet_until else logging.WARNING
        if level == logging.WARNING:
            self._quiet_until = now + QUIET
        log.log(level, "the program at %s does not say where users are to run: %s", self._program.at, wrong)
