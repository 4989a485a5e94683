"""The bouncer as people run it: a process with its files, started, killed and started again."""

import json
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.databases import empty_database
from tests.support.ircclient import Endpoint
from tests.support.ports import free_port
from tests.support.process import Program
from tests.support.transcript import Transcript

ROOT = Path(__file__).parents[2]
FAULTS = r"Traceback \(most recent call last\)|^\S*Error: |\b(ERROR|CRITICAL)\b|failed on \w+, starting again"
"""What no daemon may ever print: each of these is a bug, whatever a peer did."""

STARTING = 60.0
"""Seconds that a start may take on a machine that does much else."""

LIMITS = {"connections_per_address": 30000, "connections_before_login": 30000}
UPSTREAM = {"rate_burst": 1000}


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network as ``users.toml`` declares it; ``more`` has further keys."""

    name: str
    addr: str
    nick: str
    channels: Sequence[str] = ()
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserFile:
    """A user as ``users.toml`` declares it."""

    name: str
    networks: Sequence[NetworkFile]
    password: str = "pw-Secret1"
    password_hash: str = ""


def toml(values: Mapping[str, object]) -> str:
    """Write one table; the JSON of strings, numbers and lists is also TOML."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def run_py(*words: str | Path) -> list[str | Path]:
    """Return the command of the project with this interpreter, which has all that it needs."""
    return [sys.executable, ROOT / "run.py", "--no-bootstrap", *words]


class Daemon:
    """The bouncer in a folder of its own, as an async context manager.

    Leaving the context ends it, and fails when it has ever printed a fault.
    ``under`` is a command that runs another one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        listen: Sequence[str] = (),
        tables: Mapping[str, Mapping[str, object]] | None = None,
        under: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = folder / "bouncer.toml"
        self.tables = {"limits": LIMITS, "upstream": UPSTREAM, **(tables or {})}
        self.listen = [f"irc+insecure://127.0.0.1:{self.port}", *listen]
        self._program = Program("the bouncer", [*under, *run_py("--config", self.config)], cwd=folder)

    @property
    def endpoint(self) -> Endpoint:
        """Where clients connect in plain text."""
        return Endpoint(self.port)

    @property
    def log(self) -> Transcript:
        """All that it has printed, over all its starts."""
        return self._program.output

    @property
    def program(self) -> Program:
        """The process as it was last started."""
        return self._program

    def configure(self, **more: object) -> None:
        """Write ``bouncer.toml``; ``more`` are keys outside of the tables."""
        tables = {"database": {"url": "sqlite:///soju.db"}, **self.tables}
        self.config.write_text(
            toml({"hostname": "bouncer.test", "data_dir": str(self.folder / "data"), **more})
            + "".join(f"\n[[listen]]\n{toml({'uri': uri})}" for uri in self.listen)
            + "".join(f"\n[{name}]\n{toml(table)}" for name, table in tables.items())
        )

    async def cli(self, *words: str | Path, entered: str = "") -> list[str]:
        """Run a command of ``run.py`` on the same configuration; return the lines that it printed."""
        name = " ".join(str(word) for word in words)
        async with Program(name, run_py(*words, "--config", self.config), cwd=self.folder) as program:
            if entered:
                await program.enter(entered)
            if await program.ended(seconds=60):
                raise AssertionError(program.output.report("the command failed"))
        return program.output.lines

    async def provision(self, *users: UserFile) -> list[str]:
        """Declare users by ``users.toml``; return what the command reports.

        A database of its own that is not there yet is put there, for to make one takes as long as to start twice.
        """
        file = self.folder / "data" / "soju.db"
        if "database" not in self.tables and not file.exists():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            file.touch(0o600)
            file.write_bytes(empty_database())
        path = self.folder / "users.toml"
        path.write_text("\n".join(user_table(user) for user in users))
        return await self.cli("provision", path)

    async def start(self) -> None:
        """Start it and wait until it accepts clients everywhere."""
        since = self.log.here
        await self._program.start()
        for uri in self.listen:
            await self.log.expect(f"listening on {re.escape(uri)} ", since=since, seconds=STARTING)

    async def refuses(self) -> str:
        """Start it where it cannot start; return the one line by which it says why."""
        since = self.log.here
        await self._program.start()
        status = await self._program.ended()
        said = self.log.lines[since:]
        if status != 1 or len(said) != 1:
            raise AssertionError(self.log.report(f"it ended with status {status} and {len(said)} lines, not 1 and 1"))
        return said[0]

    async def reload(self, outcome: str) -> str:
        """Let it read the configuration again, as it is in the file now; wait for what it says of that."""
        since = self.log.here
        self._program.process.send_signal(signal.SIGHUP)
        return await self.log.expect(outcome, since=since)

    async def kill(self) -> None:
        """End it by SIGKILL, in the middle of whatever it does."""
        await self._program.kill()

    async def stop(self) -> None:
        """End it by SIGTERM; it must say that it ended well."""
        if status := await self._program.terminate():
            raise AssertionError(self.log.report(f"SIGTERM ended it with status {status}"))

    async def restart(self) -> None:
        """Stop it in order and start it again."""
        await self.stop()
        await self.start()

    def resident(self) -> int:
        """Return the KiB of memory that it has now."""
        status = Path(f"/proc/{self._program.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        if found is None:
            raise AssertionError(self.log.report("it has no memory: it is dead"))
        return int(found[1])

    def check_log(self) -> None:
        """Fail when it has printed a fault."""
        if faults := self.log.matching(FAULTS):
            first = self.log.lines.index(faults[0])
            around = "\n    ".join(self.log.lines[max(0, first - 3) : first + 40])
            raise AssertionError(f"the bouncer printed {len(faults)} faults, the first of them:\n    {around}")

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configure()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._program.running:
            await self.stop()
        await self._program.__aexit__(kind, error, trace)
        self.check_log()


def user_table(user: UserFile) -> str:
    """Write a user as ``users.toml`` has it."""
    networks = "".join(
        "\n[[user.network]]\n"
        + toml({"name": net.name, "addr": net.addr, "nick": net.nick, "channels": list(net.channels), **net.more})
        for net in user.networks
    )
    secret = {"password_hash": user.password_hash} if user.password_hash else {"password": user.password}
    return f"[[user]]\n{toml({'name': user.name, **secret})}{networks}\n"
