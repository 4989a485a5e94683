"""A cluster of real nodes, with a relay before the database of each, and one before the port where others reach it."""

import asyncio
import re
import signal
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

from soju_actors.adapters.authority import Authority
from soju_actors.adapters.local import plan
from soju_actors.config.settings import Role
from tests.support.daemon import FAULTS, LIMITS, STARTING, UPSTREAM, UserFile, run_py, toml, user_table
from tests.support.ircclient import Endpoint
from tests.support.numbered import Member, NumberedServer
from tests.support.ports import free_port
from tests.support.process import Program

PAUSE = 0.05
"""Seconds between two looks at the database."""
ALLOWED = " database| leases|: it has hung up (before the end of the handshake|without a word)"
"""What nodes may complain of: that they cannot reach it, and that a node was killed while it connected."""
PATIENT = {"cluster": {"heartbeat": 1.0, "lease": 30.0}}
"""Settings with which no node is lost because the machine is busy, for tests in which none is to be lost."""
SOCKET = ".s.PGSQL.5432"


class Relay:
    """Passes bytes on in both directions, until it is cut: then it is silent, as a network is whose cable is out."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._target: tuple[str, int] | Path = Path()
        self._at: int | Path | None = None

    async def start(self, target: tuple[str, int] | Path, at: int | Path) -> None:
        """Listen at a port or in a file, for what is at another."""
        self._target, self._at = target, at
        await self.listen()

    @property
    def listening(self) -> bool:
        """Whether anybody can connect."""
        return self._server is not None

    async def listen(self) -> None:
        """Let others connect, if it has been said where."""
        if self._at is None:
            return
        if isinstance(self._at, Path):
            self._server = await asyncio.start_unix_server(self._accept, self._at)
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._at)

    def refuse(self) -> None:
        """Let nobody connect any more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def cut(self) -> None:
        """Pass nothing on."""
        self._open.clear()

    def mend(self) -> None:
        """Pass on what has waited, and what follows."""
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self._open.wait()
            target = self._target
            if isinstance(target, Path):
                there, back = await asyncio.open_unix_connection(target)
            else:
                there, back = await asyncio.open_connection(*target)
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(2**16):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def stop(self) -> None:
        """End it and all that passes through it."""
        self.refuse()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class WatchfulServer(NumberedServer):
    """Notes by which connection each user speaks, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: dict[str, list[tuple[Member, float]]] = defaultdict(list)
        """By nick: the connections in the order in which each was first used, and when it was used last."""
        self.twice: list[str] = []
        self.overlaps: list[str] = []
        """Users who were welcomed while another connection of theirs was open."""
        self.came: list[float] = []
        """When connections were made."""
        self._more: list[asyncio.Server] = []

    async def listen(self, path: Path) -> str:
        """Let nodes connect by a Unix socket, which can be reached from all hosts; return its address."""
        self._more.append(await asyncio.start_unix_server(self._accept, path, limit=2**20))
        return f"irc+unix://{path}"

    def _answer(self, member: Member, line: str) -> None:
        super()._answer(member, line)
        if member.welcomed:
            self._used(member, line)

    def _used(self, member: Member, line: str) -> None:
        uses, now = self.uses[member.nick], time.monotonic()
        known = [connection for connection, _ in uses]
        if member not in known:
            uses.append((member, now))
        elif known[-1] is member:
            uses[-1] = (member, now)
        else:
            self.twice.append(f"{member.nick} said {line!r} by a connection after another one was used")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came.append(time.monotonic())
        await super()._accept(reader, writer)

    def most_within(self, seconds: float) -> int:
        """Return how many connections were made within some such time, at most."""
        return max((bisect_left(self.came, at + seconds) - begin for begin, at in enumerate(self.came)), default=0)

    async def until_welcomed(self, count: int, *, seconds: float) -> float:
        """Wait until so many are connected; return when that was."""

        def look() -> float | None:
            return time.monotonic() if sum(member.welcomed for member in self.members) >= count else None

        return await self.log.until(look, f"{count} that are connected", seconds=seconds)

    def _welcome(self, member: Member) -> None:
        if self.connected(member.nick):
            self.overlaps.append(f"{member.nick} at {time.monotonic():.2f}")
        super()._welcome(member)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._more:
            server.close()
        await super().__aexit__(kind, error, trace)

    def connected(self, nick: str) -> int:
        """Return how many connections of a user are open."""
        return sum(member.nick == nick and member.welcomed for member in self.members)


class ClusterNode:
    """A node: its process and what is between it and others."""

    def __init__(self, folder: Path, node: plan.Node, role: Role = Role.BOTH) -> None:
        self.folder = folder
        self.name = node.name
        self.role = role
        self.endpoint = Endpoint(node.port)
        self.config = folder / "node.toml"
        self.database = Relay()
        self.link = Relay()
        self.program = Program(f"node {node.name}", run_py("--config", self.config), cwd=folder)

    async def start(self) -> None:
        """Start it, and wait until it accepts clients, or at least commands."""
        since = self.program.output.here
        if not self.link.listening:
            await self.link.listen()
        await self.program.start()
        where = "control socket" if self.role is Role.CORE else r"(irc\+insecure|unix)"
        await self.program.output.expect(f"listening on {where}", since=since, seconds=STARTING)

    async def kill(self) -> None:
        """End it by SIGKILL: nobody listens at its port."""
        self.link.refuse()
        await self.program.kill()

    async def stop(self) -> None:
        """End it by SIGTERM, as an operator does."""
        self.link.refuse()
        status = await self.program.terminate()
        assert status == 0, self.program.output.report(f"SIGTERM ended it with status {status}")

    def stop_running(self) -> None:
        """Let it do nothing, as on a machine that hangs."""
        self.program.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self.program.process.send_signal(signal.SIGCONT)


class RealCluster:
    """Some nodes on a database of the test, as an async context manager."""

    def __init__(
        self,
        folder: Path,
        url: str,
        count: int,
        *,
        tables: str = "",
        roles: Mapping[str, Role] | None = None,
        patient: bool = False,
    ) -> None:
        self._more = PATIENT if patient else {}
        self.folder = folder
        self.url = url
        ports = [(free_port(), free_port(), free_port()) for _ in range(count)]
        roles = roles or {}
        names = [f"n{at + 1}" for at in range(count)]
        self.nodes = {
            name: ClusterNode(folder / name, plan.Node(name, port, reached), roles.get(name, Role.BOTH))
            for name, (port, reached, _) in zip(names, ports, strict=True)
        }
        self._ports = ports
        self._tables = tables

    async def configure(self) -> None:
        """Issue keys, write configurations, begin to relay."""
        parts = urlsplit(self.url)
        real = Path(parse_qs(parts.query)["host"][0]) / SOCKET
        authority = Authority(self.folder / "keys")
        authority.init("test", time.time())
        among = tuple(plan.Node(f"n{at + 1}", port, reached) for at, (port, reached, _) in enumerate(self._ports))
        for node, (_, reached, listen) in zip(among, self._ports, strict=True):
            authority.issue(node.name, time.time())
            own = self.nodes[node.name]
            own.folder.mkdir()
            await own.database.start(real, own.folder / SOCKET)
            url = f"{parts.scheme}://{parts.netloc}{parts.path}?host={quote(str(own.folder), safe='/')}"
            keys = authority.folder_of(node.name)
            text = plan.configuration(node, among, url, own.folder / "data", keys, more=self._more)
            text = await self.link(own, text, reached, listen)
            text = text.replace("[cluster]\n", f'[cluster]\nrole = "{own.role.value}"\n')
            if own.role is Role.CORE:
                text = re.sub(r"\[\[listen\]\]\n.*\n", "", text)
            limits = f"\n[limits]\n{toml(LIMITS)}\n[upstream]\n{toml(UPSTREAM)}"
            own.config.write_text(text + limits + self._tables)

    async def reached(self, server: WatchfulServer) -> str:
        """Return the address at which the nodes reach a server."""
        return server.address

    async def link(self, own: ClusterNode, text: str, reached: int, listen: int) -> str:
        """Relay what others send to a node; return its configuration with that."""
        await own.link.start(("127.0.0.1", listen), reached)
        before = f'listen = "127.0.0.1:{reached}"'
        assert before in text
        return text.replace(before, f'listen = "127.0.0.1:{listen}"\nadvertise = "127.0.0.1:{reached}"')

    async def provision(self, users: Sequence[UserFile]) -> None:
        """Declare users."""
        path = self.folder / "users.toml"
        path.write_text("\n".join(user_table(user) for user in users))
        command = run_py("provision", path, "--config", self.nodes["n1"].config)
        async with Program("provision", command, cwd=self.folder) as program:
            assert await program.ended(seconds=60) == 0, program.output.report("it failed")

    def owned(self) -> dict[str, list[str]]:
        """Return the names of the users that each node has."""
        found: dict[str, list[str]] = defaultdict(list)
        question = (
            "SELECT s.node, u.name FROM leases l JOIN node_sessions s ON s.id = l.session"
            " JOIN users u ON u.id = l.user_id WHERE s.expires > now() ORDER BY u.name"
        )
        with psycopg.connect(self.url) as connection:
            for node, name in connection.execute(question):
                found[node].append(name)
        return found

    def node_of(self, user: str) -> ClusterNode:
        """Return the node that has a user."""
        return next(self.nodes[node] for node, users in self.owned().items() if user in users)

    async def until_owned(self, count: int, *, by: Sequence[str] = (), seconds: float = 20.0) -> float:
        """Wait until some of the nodes have so many users together; return when that was."""
        by = by or list(self.nodes)
        owned: dict[str, list[str]] = {}
        async with asyncio.timeout(seconds):
            while sum(len(owned.get(node, ())) for node in by) < count:
                await asyncio.sleep(PAUSE)  # the database tells nobody
                owned = await asyncio.to_thread(self.owned)
        return time.monotonic()

    def others(self, node: ClusterNode) -> list[ClusterNode]:
        """Return all nodes but one."""
        return [other for other in self.nodes.values() if other is not node]

    async def __aenter__(self) -> Self:
        await self.configure()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for node in self.nodes.values():
            node.database.mend()
            node.link.mend()
            if node.program.running:
                node.go_on()
                node.program.process.terminate()
        for node in self.nodes.values():
            await node.program.__aexit__(kind, error, trace)
            await node.database.stop()
            await node.link.stop()
        for node in self.nodes.values() if error is None else ():
            output = node.program.output
            faults = [line for line in output.matching(FAULTS) if not re.search(ALLOWED, line)]
            assert not faults, output.report(f"it printed {faults[0]}", last=40)
