"""A PostgreSQL server of a cluster's own, from the installed programs, on a Unix socket in a folder."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from soju_actors.adapters.local import processes
from soju_actors.adapters.local.processes import Process

INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian has the programs, by version."""
OWNER = "soju"
PACKAGE = "apt-get install postgresql"
LONGEST_FOLDER = 107 - len("/.s.PGSQL.5432")
"""Bytes of the path of a folder with a Unix socket in it."""
PATIENCE = 30.0
PAUSE = 0.05
"""Seconds that it may take to start and to end, and seconds between two looks."""


class PostgresError(Exception):
    """There is no server; the text is for a person."""


def find_programs() -> Path:
    """The folder of the server's programs; the newest where there are several.

    Raises:
        PostgresError: there are none.
    """
    found = shutil.which("postgres")
    folders = [Path(found).parent] if found else sorted(INSTALLED.glob("*/bin"), key=_version)
    if not folders:
        raise PostgresError(f"PostgreSQL is not installed: {PACKAGE}, or --database names one that runs")
    return folders[-1]


def _version(programs: Path) -> float:
    name = programs.parent.name
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0


def user_without_rights() -> str | None:
    """The user that the server runs as, which refuses to be root; None where it is our own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise PostgresError("PostgreSQL does not run as root, and there is no user postgres: run this as another user")


class Postgres:
    """A server in a folder, whether it runs or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self.log = folder / "log"

    @property
    def url(self) -> str:
        """The URL of its database; whoever may open its socket needs no password."""
        return f"postgresql://{OWNER}@/postgres?host={quote(str(self._folder), safe='/')}"

    def start(self, connections: int) -> Process:
        """Start it, made now if there is none, for so many connections; return when it answers.

        Raises:
            PostgresError: it cannot be made or started.
        """
        programs, user = find_programs(), user_without_rights()
        try:
            self._make(programs, user)
            command: list[str | Path] = [
                programs / "postgres",
                "-D",
                self._data,
                "-k",
                self._folder,
                "-c",
                "listen_addresses=",
            ]
            command += ["-c", "unix_socket_permissions=0700", "-c", f"max_connections={connections}"]
            process = processes.start(command, self._folder, self.log, user)
        except OSError as error:
            raise PostgresError(f"{error.filename or self._folder}: {error.strerror}") from error
        try:
            self._until_it_answers(process)
        except BaseException:  # Ctrl-C, too: nobody else knows of the process yet
            stop(process)
            raise
        return process

    def _until_it_answers(self, process: Process) -> None:
        for _ in range(int(PATIENCE / PAUSE)):
            if self.answers():
                return
            if processes.has_ended(process, PAUSE):
                raise PostgresError(f"PostgreSQL ended at once: {last_line(self.log)} ({self.log})")
        raise PostgresError(f"PostgreSQL does not answer after {PATIENCE:.0f} s ({self.log})")

    def answers(self) -> bool:
        """Whether it can be connected to."""
        return answers(self.url)

    def _make(self, programs: Path, user: str | None) -> None:
        """Make its folder and files, unless they are there.

        Raises:
            PostgresError: the folder is out of reach for the user, or the files cannot be made.
        """
        if len(os.fsencode(self._folder)) > LONGEST_FOLDER:
            raise PostgresError(f"the path is too long for a Unix socket in it: {self._folder}")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            if self._run(["test", "-w", self._folder], user).returncode:
                raise PostgresError(
                    f"PostgreSQL does not run as root, and user {user} cannot reach {self._folder}:"
                    " run this as another user, or --folder names another place"
                )
        if (self._data / "PG_VERSION").exists():
            return
        words = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C"]
        done = self._run([programs / "initdb", "-D", self._data, *words], user)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise PostgresError(f"initdb failed: {said[-1] if said else done.returncode}")

    def _run(self, command: Sequence[str | Path], user: str | None) -> "subprocess.CompletedProcess[bytes]":
        groups: list[int] | None = [] if user else None
        return subprocess.run(
            command, capture_output=True, cwd=self._folder, user=user, extra_groups=groups, check=False
        )


def answers(url: str) -> bool:
    """Whether a database can be connected to."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def stop(process: Process) -> None:
    """End a server: its connections first, without waiting for them."""
    processes.ask(process, signal.SIGINT)
    processes.finish(process, PATIENCE)


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
    return lines[-1].strip() if lines else "it said nothing"
