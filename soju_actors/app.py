"""The daemon: everything is put together here."""

import asyncio
import contextlib
import gc
import importlib
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from actors import ChildSpec, Ref, Restart
from actors.bases.node import NodeBase
from soju_actors.adapters.certificates import Certifier
from soju_actors.adapters.database import Database, DatabaseError, open_database
from soju_actors.adapters.passwords import Hasher, credentials_of
from soju_actors.config import Config, ConfigError, advice
from soju_actors.config.answering import is_socket
from soju_actors.config.clustering import BEATS_OF_SILENCE, parse_address
from soju_actors.config.settings import DAY, Role
from soju_actors.console import Console
from soju_actors.irc.sasl.scram import salt_for
from soju_actors.messages.leases import LeasesArgs
from soju_actors.messages.listener import ListenerArgs, Reload
from soju_actors.messages.registry import ClusterPart, RegistryArgs, SettingsReloaded
from soju_actors.messages.store import StoreArgs
from soju_actors.model.records import User, UserId
from soju_actors.policy.keeping import Terms
from soju_actors.ports.database import LoadUsers, SaveUser, UsersLoaded
from soju_actors.ports.protocols import ToLeases, ToListener, ToPacer, ToRegistry, ToStore
from soju_actors.wiring import downstream_settings, entrances, offers, pacer_args, server_settings

if TYPE_CHECKING:
    from actors import Service
    from soju_actors.adapters.metrics import CountedWriter, MetricsServer
    from soju_actors.nodes import Nodes

log = logging.getLogger("soju_actors")

OF_USERS = ("soju_actors.user.actor", "soju_actors.buffer.actor", "soju_actors.upstream.actor")
FROM_THE_START = (
    "cluster",
    "data_dir",
    "database.url",
    "history.sync",
    "limits.login_failures",
    "limits.login_failure_time",
    "metrics",
    "upstream.addresses",
    "upstream.at_once",
    "upstream.burst",
    "upstream.every",
)
"""Keys of the configuration that a reload does not change."""
READERS = 2
"""Threads that read the database."""
STORE_MAILBOX = 1_000_000
"""Messages that may wait for the store: a few of each buffer, whatever their number."""
YOUNG = 5000
"""How many things more than before make Python look for cyclic garbage."""
ENDING = 10.0
"""Seconds that clients, servers and users have to end in."""

STORE: Ref[ToStore] = Ref("store")
PACER: Ref[ToPacer] = Ref("pacer")
REGISTRY: Ref[ToRegistry] = Ref("registry")
LISTENER: Ref[ToListener] = Ref("listener")
LEASES: Ref[ToLeases] = Ref("leases")


def run(config: Config, reload: Callable[[], Config]) -> int:
    """Run the bouncer until SIGINT or SIGTERM; return the exit code.

    ``reload`` reads the configuration again, on SIGHUP.

    Raises:
        DatabaseError: the database cannot be used.
    """
    logging.basicConfig(
        level=config.log.level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    _advise(config)
    data_dir = Path(config.data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"cannot make the folder data_dir {data_dir}: {error.strerror}") from error
    database = open_database(config.database.url, data_dir, full_sync=config.history.sync == "full")
    database.prepare()
    _be_alone(config, database)
    _first_start(config, database)
    _spare_the_collector()
    try:
        return _runner(_Daemon(config, reload, database).main)
    finally:
        database.close()


def _spare_the_collector() -> None:
    """Have cyclic garbage looked for less often, and not in what the start has made.

    Actors make next to none. Python looks through all that is young whenever there are 700 things more than
    before, and of many users that many lines are on their way at any moment.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def _runner(main: Callable[[], Coroutine[None, None, int]]) -> int:
    """Run with uvloop where it is installed."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - not everywhere

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())


class _Daemon:
    """The actors of one process, from the start to the end."""

    def __init__(self, config: Config, reload: Callable[[], Config], database: Database) -> None:
        self._config = config
        self._reload = reload
        self._database = database
        name = config.cluster.node
        self._base = NodeBase(name=name) if name else NodeBase()
        self._nodes: Nodes | None = None
        self._counted: CountedWriter | None = None
        self._metrics: MetricsServer | None = None
        self._console = Console()
        self._ended = asyncio.Event()
        self._code = 0

    async def main(self) -> int:
        """Start, wait for the end, stop."""
        loop = asyncio.get_running_loop()
        self._base.start(loop)
        self._base.on_gave_up = self._gave_up
        self._console.level = usual_level(self._config)
        self._console.begin(loop, len(self._config.listen), self._listen_failed)
        self._attach()
        if not await self._join():
            await self._base.stop()
            return 1
        self._tell_metrics()
        self._spawn()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._ended.set)
        loop.add_signal_handler(signal.SIGHUP, self._reread)
        await self._ended.wait()
        for number in (signal.SIGINT, signal.SIGTERM):  # a second one ends at once
            loop.remove_signal_handler(number)
        await self._stop()
        return self._code

    def _attach(self) -> None:
        base = self._base
        base.attach("writer", self._writer())
        base.attach("reader", self._database.reader(), threads=READERS)
        base.attach("checkpointer", self._database.checkpointer())
        base.attach("hasher", Hasher(), threads=len(os.sched_getaffinity(0)))
        base.attach("certifier", Certifier())
        base.attach("console", self._console)

        if self._config.cluster.node:
            base.attach("renewer", self._database.leaser())
            base.attach("leaser", self._database.leaser())
            base.attach("reserver", self._database.leaser())

    def _writer(self) -> "Service":
        """Return the service that writes, counted if somebody wants to know."""
        writer = self._database.writer()
        if not self._config.metrics.listen:
            return writer
        from soju_actors.adapters.metrics import CountedWriter  # noqa: PLC0415 - most bouncers do without

        self._counted = CountedWriter(writer)
        return self._counted

    def _tell_metrics(self) -> None:
        """Measure, and have that read, if it is wanted."""
        counted, address = self._counted, self._config.metrics.listen
        if counted is None:
            return
        from actors.measure.instrument import Instrument  # noqa: PLC0415 - most bouncers do without
        from actors.measure.kinds import Kinds  # noqa: PLC0415
        from soju_actors.adapters.metrics import MetricsServer, Told  # noqa: PLC0415

        kinds = Kinds(self._base.kernel)
        Instrument(self._base.kernel, kinds)

        def take() -> Told:
            return Told(kinds.look(), counted.commits, counted.lines, self._nodes.leases if self._nodes else None)

        try:
            self._metrics = MetricsServer(parse_address(address), take, asyncio.get_running_loop())
        except OSError as error:
            self._listen_failed(f"{address} for metrics", error.strerror or str(error))
        else:
            log.info("metrics can be read at http://%s/metrics", address)

    async def _join(self) -> bool:
        """Become a node of the cluster, if there is one; return whether nothing prevents it."""
        if self._config.cluster.node:
            from soju_actors.nodes import Nodes  # noqa: PLC0415 - a lone node does without

            for module in OF_USERS:  # the first of them to come does not wait for that, nor do all others
                importlib.import_module(module)
            self._nodes = Nodes(self._base, replace(self._config.cluster, capabilities=offers(self._config)))
            try:
                await self._nodes.join()
            except OSError as error:
                where = self._config.cluster.listen
                sys.stderr.write(f"soju-actors: cannot listen for other nodes on {where}: {error.strerror or error}\n")
                return False
        return True

    def _named(self, name: str) -> str:
        """Return the name of what each node has."""
        node = self._config.cluster.node
        return f"{name}@{node}" if node else name

    def _spawn(self) -> None:
        config = self._config
        specs = (
            ChildSpec(
                "store",
                "soju_actors.store.actor:StoreActor",
                StoreArgs(config.history.message_expiry * DAY),
                mailbox=STORE_MAILBOX,
            ),
            ChildSpec(
                "pacer",
                "soju_actors.pacer.actor:PacerActor",
                pacer_args(config),
            ),
            ChildSpec(
                "registry",
                "soju_actors.registry.actor:RegistryActor",
                RegistryArgs(
                    STORE,
                    PACER,
                    server_settings(config),
                    secrets.token_bytes(32),
                    config.limits.login_failures,
                    config.limits.login_failure_time,
                    self._part(),
                ),
                Restart.PERMANENT,
            ),
            ChildSpec(
                "listener",
                "soju_actors.listener.actor:ListenerActor",
                ListenerArgs(REGISTRY, entrances(config), downstream_settings(config)),
                Restart.PERMANENT,
            ),
        )
        for spec in (*specs, *self._cluster_specs()):
            self._base.spawn(replace(spec, name=self._named(spec.name)))
        if self._nodes is not None:
            self._nodes.begin()

    def _part(self) -> ClusterPart | None:
        """Return what the registry has to know of the cluster."""
        settings = self._config.cluster
        if not settings.node:
            return None
        leases = None if settings.role is Role.EDGE else LEASES
        return ClusterPart(settings.node, leases, settings.placement, asks=is_socket(settings.answers))

    def _cluster_specs(self) -> list[ChildSpec]:
        """Return the actors that only a node of a cluster has."""
        settings = self._config.cluster
        if not settings.node or settings.role is Role.EDGE:
            return []
        args = LeasesArgs(
            settings.node, REGISTRY, STORE, Terms.of(settings.lease, BEATS_OF_SILENCE * settings.heartbeat)
        )
        return [ChildSpec("leases", "soju_actors.leases.actor:LeasesActor", args, Restart.PERMANENT)]

    def _reread(self) -> None:
        """Use the configuration as it is now; a wrong one changes nothing (row CLI-11)."""
        try:
            wanted = self._reload()
            config = replace(wanted, data_dir=self._config.data_dir)
            listening = Reload(entrances(config), downstream_settings(config))
            settings = SettingsReloaded(server_settings(config))
        except (ConfigError, OSError) as error:
            log.warning("the configuration was not read again: %s", error)
            return
        self._base.tell(LISTENER, listening)
        self._base.tell(REGISTRY, settings)
        if self._nodes is not None:
            self._nodes.read_keys()
        logging.getLogger().setLevel(config.log.level.upper())
        self._console.level = usual_level(config)
        log.info("the configuration was read again")
        _advise(config)
        for key in FROM_THE_START:
            if attrgetter(key)(wanted) != attrgetter(key)(self._config):
                log.warning("what the configuration says now of %s counts from the next start", key)

    def _listen_failed(self, name: str, reason: str) -> None:
        """End where nobody can come in from the start: the configuration is wrong."""
        sys.stderr.write(f"soju-actors: cannot listen on {name}: {reason}\n")
        self._code = 1
        self._ended.set()

    def _gave_up(self, ref: Ref[Any], reason: str) -> None:
        log.critical("%s failed too often, the bouncer ends: %s", ref.path, reason)
        self._code = 1
        self._ended.set()

    async def _stop(self) -> None:
        """Let clients, servers and users end before the store does."""
        log.info("stopping")
        if self._metrics is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._metrics.close)
        loop = asyncio.get_running_loop()
        end = loop.time() + ENDING
        for ref in (REGISTRY, LISTENER):
            self._base.stop_actor(ref)
            while self._base.running(ref) and loop.time() < end:  # noqa: ASYNC110 - actors have no futures
                await asyncio.sleep(0.01)
        await self._base.stop()


def _advise(config: Config) -> None:
    """Log what the operator should know."""
    for sentence in advice(config):
        log.warning("%s", sentence)


def usual_level(config: Config) -> str:
    """Return what is logged when nobody wants details."""
    level = config.log.level.upper()
    return "INFO" if level == "DEBUG" else level


def _be_alone(config: Config, database: Database) -> None:
    """Refuse to be a second bouncer for users that the nodes of a cluster act for.

    Raises:
        DatabaseError: they do.
    """
    nodes = () if config.cluster.node else database.nodes()
    if nodes:
        raise DatabaseError(
            f"nodes of a cluster use the database ({', '.join(nodes)}): be one too, [cluster] node, or stop them"
        )


def _first_start(config: Config, database: Database) -> None:
    """Make an account where there is none, and say how to use it."""
    reader = database.reader()
    try:
        users = reader.perform(LoadUsers())
    finally:
        reader.close()
    if not isinstance(users, UsersLoaded) or users.users:
        return
    password = secrets.token_urlsafe(12)
    salt = salt_for(users.secret, "admin")
    password_hash, scram = credentials_of(password, salt, config.accounts.scram_iterations)
    admin = User(UserId(0), "admin", password_hash, admin=True, created_at=time.time(), scram=scram)
    database.change(SaveUser(admin))
    plain = next((listen.address for listen in config.listen if listen.address.port and not listen.address.tls), None)
    host, port = ("127.0.0.1", plain.port) if plain else (config.hostname, 6697)
    tls = "" if plain else " -tls"
    sys.stdout.write(
        f"""This is the first start. There is an account now:

    user      admin
    password  {password}

Write the password down, it is not shown again. To connect:

    WeeChat   /server add bouncer {host}/{port}{tls} -username=admin -password={password}
              /connect bouncer
    irssi     /connect{tls} {host} {port} admin:{password}
    others    server {host}, port {port}, user name admin, server password {password}

Then add a network:

    /msg BouncerServ network create -addr ircs://irc.example.org -name example

"""
    )
    sys.stdout.flush()
