"""Users of this node that move to others, each with its lease."""

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from actors import Ref
from actors.cluster.moving import Done, MoveError
from soju_actors.messages.cluster import AskComing, Coming, ConfirmMove, MoveConfirmed, MoveUsers
from soju_actors.nodes.here import Here
from soju_actors.nodes.presence import is_user
from soju_actors.nodes.roster import Roster

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Users that leave a node at the same time."""


class Moves:
    """Moves users, once whoever keeps their leases has agreed."""

    def __init__(self, here: Here, roster: Roster) -> None:
        self._here = here
        self._roster = roster
        self._confirming: dict[int, Done] = {}
        carrying = Carrying(self.move_to)
        here.handlers[MoveConfirmed] = self._confirmed
        here.handlers[AskComing] = self._ask_coming
        here.handlers[MoveUsers] = lambda _, msg: carrying.add(msg.moves)
        departures = here.cluster.moving.departures
        departures.confirm = self._confirm
        departures.may_return = lambda ref: not is_user(ref.path)

    def move_to(self, path: str, node: str, done: Done) -> None:
        """Move a user that runs here."""
        try:
            self._here.cluster.moving.move(path, node, done)
        except MoveError as error:
            done(str(error))

    def move_off(self, path: str, done: Done) -> None:
        """Move a user to wherever it is to be instead of here."""

        def go(node: str) -> None:
            if node:
                self.move_to(path, node, done)
            else:
                done("no other node takes users")

        self._roster.other_for(path, go)

    def _confirm(self, ref: Ref[Any], node: str, done: Done) -> None:
        """Have the lease of a user given to the node where its actors go; other actors need none."""
        if not is_user(ref.path):
            done("")
            return
        number = self._here.number()
        self._confirming[number] = done
        self._here.tell_registry(ConfirmMove(ref.path, node, number))

    def _confirmed(self, _: Ref[Any] | None, msg: MoveConfirmed) -> None:
        done = self._confirming.pop(msg.request, None)
        if done is not None:
            done(msg.reason)

    def _ask_coming(self, _: Ref[Any] | None, msg: AskComing) -> None:
        here = self._here
        coming = here.base.running(Ref(msg.path)) or here.cluster.moving.arrivals.expects(msg.path)
        here.tell_registry(Coming(msg.user_id, coming))


class Carrying:
    """Users of this node that are to move, some at a time; one that cannot is left for the next plan."""

    def __init__(self, move_to: Callable[[str, str, Done], None]) -> None:
        self._move_to = move_to
        self._waiting: deque[tuple[str, str]] = deque()
        self._under_way: set[str] = set()

    def add(self, moves: tuple[tuple[str, str], ...]) -> None:
        """Move these too."""
        known = self._under_way | {path for path, _ in self._waiting}
        self._waiting += [move for move in moves if move[0] not in known]
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and len(self._under_way) < AT_ONCE:
            path, node = self._waiting.popleft()
            self._under_way.add(path)
            self._move_to(path, node, partial(self._ended, path, node))

    def _ended(self, path: str, node: str, reason: str) -> None:
        self._under_way.discard(path)
        if reason:
            log.info("%s does not move to node %s: %s", path, node, reason)
        self._go_on()
