"""Processes that outlive the one that started them, known by number and start.

A number alone says little: once a process has ended, another gets it.
"""

import os
import select
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

_ENDED = "ZX"
"""States of what has ended and is not yet forgotten. Spec: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""
_START = 19
"""Where its start stands, counted after its name: in ticks since the machine was started."""


class Process(msgspec.Struct, frozen=True):
    """A process of this machine."""

    pid: int
    started: str
    """The start of the machine, and that of the process."""


def start(command: Sequence[str | Path], folder: Path, log: Path, user: str | None = None) -> Process:
    """Start a process that goes on when we end; what it prints is added to a log.

    Raises:
        OSError: it cannot be started.
    """
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            user=user,
            extra_groups=[] if user else None,
        )
    process = Process(popen.pid, _start_of(popen.pid))
    popen.returncode = 0  # it is nobody's business any more how it ends
    return process


def is_running(process: Process) -> bool:
    """Whether it has not ended."""
    return bool(process.started) and _start_of(process.pid) == process.started


def has_ended(process: Process, within: float) -> bool:
    """Wait for its end for so many seconds at most; say whether it has ended."""
    with _held(process) as handle:
        if handle is None:
            return True
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        return bool(waiting.poll(int(1000 * within)))


def ask(process: Process, by: signal.Signals) -> None:
    """Send it a signal, if it has not ended."""
    with _held(process) as handle, suppress(ProcessLookupError):
        if handle is not None:
            signal.pidfd_send_signal(handle, by)


def finish(process: Process, patience: float) -> bool:
    """Have one end that was asked to, after so many seconds by force; say whether it ended by itself."""
    if has_ended(process, patience):
        return True
    ask(process, signal.SIGKILL)
    has_ended(process, patience)
    return False


@contextmanager
def _held(process: Process) -> Iterator[int | None]:
    """A handle that no other process of the same number can get; None if it has ended."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        yield None
        return
    try:
        yield handle if is_running(process) else None
    finally:
        os.close(handle)


def _start_of(pid: int) -> str:
    """When a process has started; nothing where none runs."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return "" if state in _ENDED else f"{boot} {rest[_START - 1]}"
