"""A PostgreSQL server of our own: in a temporary folder, on a Unix socket, as a user without rights."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from soju_actors.adapters.local.postgres import PostgresError, find_programs, user_without_rights

OWNER = "soju"
GUARDED = "guarded"
"""A role that has to give a password."""
PASSWORD = "right"
PATIENCE = 30.0
PAUSE = 0.02
"""Seconds between two attempts to connect to a server that starts."""


def need_programs() -> Path:
    """Return the folder of the server's programs, or skip the test and name the package."""
    try:
        return find_programs()
    except PostgresError as error:
        pytest.skip(f"needs postgres: {error}")


class Postgres:
    """A server that can be stopped as by a crash, and started again."""

    def __init__(self) -> None:
        self._programs = need_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="soju-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._user = user_without_rights()
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "-D", self._data, "-U", OWNER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()
        self.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
        # The first line that fits counts.
        access = self._data / "pg_hba.conf"
        access.write_text(f"local all {GUARDED} scram-sha-256\n{access.read_text()}")
        self.execute("SELECT pg_reload_conf()")

    def url(self, database: str = "postgres", *, user: str = OWNER, password: str = "") -> str:
        """Return the URL of one of its databases."""
        who = f"{user}:{password}" if password else user
        return f"postgresql://{who}@/{database}?host={self._folder}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database, from another one that nobody is connected to; return its URL."""
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def execute(self, statement: str | sql.Composed, database: str = "postgres") -> None:
        """Run a statement."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload,unused-ignore]

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._programs / "postgres",
                    *("-D", self._data, "-k", self._folder),
                    *("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40"),
                ],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                user=self._user,
                extra_groups=[] if self._user else None,
            )
        for _ in range(int(PATIENCE / PAUSE)):
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                self._still_starting()
            else:
                return
        raise AssertionError(self._report(f"PostgreSQL does not answer after {PATIENCE:g} s"))

    def crash(self) -> None:
        """End the server and all its connections at once, with nothing written that is not in its log."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Let the server and all its connections do nothing more, as on a machine that hangs."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, signal_: signal.Signals) -> None:
        assert self._process is not None
        pid = self._process.pid
        for process in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
            with suppress(ProcessLookupError):
                os.kill(process, signal_)

    def remove(self) -> None:
        """End the server and delete its files."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _end(self, signal_: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal_)
            self._process.wait(PATIENCE)
            self._process = None

    def _still_starting(self) -> None:
        assert self._process is not None
        try:
            status = self._process.wait(PAUSE)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(self._report(f"PostgreSQL ended with status {status} before it answered"))

    def _run(self, program: str, *words: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *words],
            capture_output=True,
            cwd=self._folder,
            user=self._user,
            extra_groups=[] if self._user else None,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()

    def _report(self, what: str) -> str:
        return f"{what}:\n{(self._folder / 'log').read_text()[-2000:]}"
