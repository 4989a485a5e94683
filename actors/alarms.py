"""The named alarms of an actor."""

from typing import Any

from actors.cell import Cell
from actors.clock import Clock, Timer
from actors.mailbox import put


class Alarm:
    """One alarm. When it is due it waits in the mailbox itself, so that it can still be cancelled there."""

    __slots__ = ("cell", "due", "fires", "message", "name", "timer")

    def __init__(self, cell: Cell, name: str, due: float, message: Any) -> None:  # noqa: ANN401 - any message
        self.cell = cell
        self.name = name
        self.due = due
        self.message = message
        self.fires = due
        """When the timer fires: an alarm that is put off leaves its timer as it is."""
        self.timer: Timer | None = None

    def arm(self, clock: Clock, now: float) -> None:
        """Start the timer."""
        self.fires = self.due
        self.timer = clock.later(max(0.0, self.due - now), self._fire, clock)

    def _fire(self, clock: Clock) -> None:
        now = clock.now()
        if self.fires < self.due:
            self.arm(clock, now)
            return
        self.timer = None
        put(self.cell, self)

    def disarm(self) -> None:
        """Stop the timer."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def set_alarm(cell: Cell, name: str, delay: float, message: Any) -> None:  # noqa: ANN401 - any message
    """Set an alarm, in place of the one of that name."""
    if cell.alarms is None:
        cell.alarms = {}
    clock = cell.kernel.clock
    now = clock.now()
    due = now + delay
    old = cell.alarms.get(name)
    if old is not None:
        # Putting an alarm off, as every read of a socket does, must not cost a timer.
        if old.timer is not None and old.fires <= due:
            old.due, old.message = due, message
            return
        old.disarm()
    alarm = cell.alarms[name] = Alarm(cell, name, due, message)
    alarm.arm(clock, now)


def cancel_alarm(cell: Cell, name: str) -> None:
    """Forget an alarm, if there is one."""
    if cell.alarms is not None:
        alarm = cell.alarms.pop(name, None)
        if alarm is not None:
            alarm.disarm()


def cancel_alarms(cell: Cell) -> None:
    """Forget all alarms."""
    for alarm in (cell.alarms or {}).values():
        alarm.disarm()
    cell.alarms = None


def take_alarm(cell: Cell, alarm: Alarm) -> Any:  # noqa: ANN401 - any message, or None
    """Return the message of an alarm that was waiting; None if it was cancelled or replaced since."""
    if cell.alarms is None or cell.alarms.get(alarm.name) is not alarm:
        return None
    del cell.alarms[alarm.name]
    return alarm.message
