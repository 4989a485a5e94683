"""From a file to a configuration that can be used."""

import socket
from pathlib import Path

from msgspec.structs import replace

from soju_actors.config.checks import PLAIN_TEXT, check
from soju_actors.config.listening import UNIX_SOCKETS, parse_listen_uri
from soju_actors.config.settings import Config, Listen, Tls
from soju_actors.config.toml import ConfigError, decode_toml, read_text


def load_config(path: Path | None, extra_listen: tuple[str, ...] = ()) -> Config:
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
    kept = () if more and given.listen is Config().listen else given.listen
    config = _resolved(replace(given, listen=kept + more), path.absolute().parent if path else Path.cwd())
    check(config, name, text)
    return config


def _resolved(config: Config, folder: Path) -> Config:
    """Give the machine's name where none is set, and make paths absolute."""
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
        hostname=config.hostname or socket.gethostname() or "localhost",
        motd=full(config.motd),
        data_dir=str(data_dir),
        listen=tuple(replace(listen, uri=uri(listen), **pair(listen)) for listen in config.listen),
        tls=replace(config.tls, **pair(config.tls)),
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
