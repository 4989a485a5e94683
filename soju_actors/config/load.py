"""From a file to a configuration that can be used."""

import socket
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec.structs import replace

from soju_actors.config.answering import resolved
from soju_actors.config.checks import PLAIN_TEXT, check
from soju_actors.config.clustering import advertised
from soju_actors.config.listening import UNIX_SOCKETS, parse_listen_uri
from soju_actors.config.settings import Cluster, Config, Listen, Role, Tls
from soju_actors.config.toml import ConfigError, Key, decode_toml, read_text, wrong

Further = Callable[[Config], Iterable[tuple[Key, str]]]
"""Finds more that is wrong with a configuration, for a layer that knows more: keys, each with the reason."""


def load_config(path: Path | None, extra_listen: tuple[str, ...] = (), further: Further = lambda _: ()) -> Config:
    """Load a configuration file, or the defaults where there is none.

    ``data_dir`` is taken from the file's folder (without a file: the current one), other
    paths from ``data_dir``. ``extra_listen`` are URIs in addition to those of the file, and
    in place of the defaults (row CFG-01).

    Raises:
        ConfigError: the file, or a URI, is wrong; the text says where and what is allowed.
    """
    text = read_text(path) if path else ""
    name = str(path) if path else "the defaults"
    given = decode_toml(text, Config, name)
    more = tuple(_from_command_line(uri) for uri in extra_listen)
    by_default = given.listen is Config().listen
    kept = () if by_default and (more or given.cluster.role is Role.CORE) else given.listen
    named = replace(given, listen=kept + more, hostname=given.hostname or socket.gethostname() or "localhost")
    config = _resolved(named, path.absolute().parent if path else Path.cwd())
    check(config, name, text)
    for key, reason in further(config):
        raise wrong(name, text, key, reason)
    return config


def _resolved(config: Config, folder: Path) -> Config:
    """Make paths absolute, and say where this node is found."""
    data_dir = folder / config.data_dir

    def full(path: str) -> str:
        return str(data_dir / path) if path else ""

    def pair(table: Listen | Tls) -> dict[str, str]:
        return {"certificate": full(table.certificate), "key": full(table.key)}

    def uri(listen: Listen) -> str:
        scheme, _, path = listen.uri.partition("://")
        return f"{scheme}://{full(path)}" if scheme in UNIX_SOCKETS else listen.uri

    return replace(
        config,
        motd=full(config.motd),
        data_dir=str(data_dir),
        listen=tuple(replace(listen, uri=uri(listen), **pair(listen)) for listen in config.listen),
        tls=replace(config.tls, **pair(config.tls)),
        cluster=_resolved_cluster(config.cluster, config.hostname, full),
    )


def _resolved_cluster(cluster: Cluster, hostname: str, full: Callable[[str], str]) -> Cluster:
    if not cluster.node:
        return cluster
    return replace(
        cluster,
        keys=full(cluster.keys),
        answers=resolved(cluster.answers, full),
        advertise=advertised(cluster, hostname),
    )


def _from_command_line(uri: str) -> Listen:
    """A listener of ``--listen``, which cannot allow plain text beyond this machine."""
    try:
        address = parse_listen_uri(uri)
    except ValueError as error:
        raise ConfigError(f"--listen: {error}") from None
    if address.is_plain_beyond_this_machine:
        raise ConfigError(f"--listen {uri}: {PLAIN_TEXT} in its [[listen]] table of a configuration file")
    return Listen(uri)
