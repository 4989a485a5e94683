"""Starting the bouncer, without any machinery for command lines."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from soju_actors.config import Config, ConfigError, load_config
from soju_actors.config.settings import LogLevel
from soju_actors.config.toml import Key


class DaemonOptions(msgspec.Struct, frozen=True):
    """What the bouncer is started with (row CLI-01)."""

    config: Path | None = None
    listen: tuple[str, ...] = ()
    debug: bool = False

    def load(self) -> Config:
        """Load the configuration; a running bouncer does so again on SIGHUP (row CLI-11).

        Raises:
            ConfigError: it is wrong.
        """
        config = load_config(self.config, self.listen, _faults_of_node)
        return replace(config, log=replace(config.log, level=LogLevel.DEBUG)) if self.debug else config


def find_daemon_options(arguments: Sequence[str]) -> DaemonOptions | None:
    """Read arguments that start the bouncer; None where they say anything else."""
    options = DaemonOptions()
    rest = list(arguments)[1 if arguments[:1] == ["run"] else 0 :]
    while rest:
        word, *rest = rest
        name, given, value = word.partition("=")
        if word == "--debug":
            options = replace(options, debug=True)
            continue
        if name not in {"--config", "-c", "--listen"} or (name == "-c" and given):
            return None
        if not given:
            if not rest:
                return None
            value, *rest = rest
        if name == "--listen":
            options = replace(options, listen=(*options.listen, value))
        else:
            options = replace(options, config=Path(value))
    return options


def _faults_of_node(config: Config) -> Iterable[tuple[Key, str]]:
    """What a node of a cluster lacks beside its configuration."""
    if not config.cluster.node:
        return ()
    from soju_actors.adapters.node import faults_of_node  # noqa: PLC0415 - a lone node does without

    return faults_of_node(config)


def start(options: DaemonOptions) -> int:
    """Run the bouncer until it is told to stop; return the exit code."""
    try:
        config = options.load()
    except ConfigError as error:
        return fail(str(error), code=2)
    from soju_actors import app  # noqa: PLC0415 - check-config and the like do without
    from soju_actors.adapters.database import DatabaseError  # noqa: PLC0415

    try:
        return app.run(config, options.load)
    except DatabaseError as error:
        return fail(str(error))


def fail(reason: str, code: int = 1) -> int:
    """Tell why nothing came of it, in one line; return the exit code."""
    sys.stderr.write(f"soju-actors: {reason}\n")
    return code
