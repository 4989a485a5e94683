"""What a file declares. A key that is not given leaves the setting as it is, or at its default in a new record."""

from pathlib import Path

import msgspec

from soju_actors.adapters.provision.checks import check
from soju_actors.config.toml import decode_toml, read_text, wrong


class ChannelDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel with settings; one without is just its name."""

    name: str
    key: str | None = None
    detached: bool | None = None
    relay_detached: str | None = None
    reattach_on: str | None = None
    detach_on: str | None = None
    detach_after: int | None = None


class NetworkDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network of a user; ``channels`` that are not listed stay as they are."""

    name: str
    addr: str
    nick: str | None = None
    username: str | None = None
    realname: str | None = None
    certfp: str | None = None
    password: str | None = None
    connect_commands: tuple[str, ...] | None = None
    sasl: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    sasl_certificate: str | None = None
    sasl_key: str | None = None
    sasl_required: bool | None = None
    auto_away: bool | None = None
    forward_away: bool | None = None
    egress: str | None = None
    enabled: bool | None = None
    channels: tuple[str | ChannelDeclaration, ...] = ()


class UserDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user; networks that are not declared stay as they are."""

    name: str
    password: str | None = None
    password_hash: str | None = None
    admin: bool | None = None
    enabled: bool | None = None
    nick: str | None = None
    realname: str | None = None
    max_networks: int | None = None
    network: tuple[NetworkDeclaration, ...] = ()


class Declarations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a file declares."""

    user: tuple[UserDeclaration, ...] = ()


def load_declarations(path: Path) -> Declarations:
    """Load and check a TOML file.

    Raises:
        ConfigError: a key is unknown or a value cannot be; the text says where, and what is allowed.
    """
    text = read_text(path)
    declarations = decode_toml(text, Declarations, str(path))
    for key, reason in check(declarations):
        raise wrong(str(path), text, key, reason)
    return declarations
