"""What takes more than a type to check."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from soju_actors.adapters.passwords import is_hash
from soju_actors.config.toml import Key
from soju_actors.irc.names import valid_nick
from soju_actors.model.records import Filter, SaslMechanism
from soju_actors.policy.address import AddressError, parse_address
from soju_actors.policy.egress import EgressError, parse_egress

if TYPE_CHECKING:
    from soju_actors.adapters.provision.declarations import (
        ChannelDeclaration,
        Declarations,
        NetworkDeclaration,
        UserDeclaration,
    )

Fault = tuple[Key, str]
_BREAKS = set("\0\r\n")
_NOT_IN_NAMES = _BREAKS | set(" /@")
_NOT_IN_CHANNELS = _BREAKS | set(" ,\x07")
_PINS = {"sha-256": 64, "sha-512": 128}
"""Hexadecimal digits of the hashes that a pin can be."""


def check(declarations: "Declarations") -> Iterator[Fault]:
    """Yield what is wrong, with the way to it, in the order of the file."""
    yield from _twice([user.name for user in declarations.user], ("user",))
    for number, user in enumerate(declarations.user):
        yield from _check_user(user, ("user", number))


def _check_user(user: "UserDeclaration", at: Key) -> Iterator[Fault]:
    yield from _check_name(user.name, (*at, "name"))
    if user.password is not None and user.password_hash is not None:
        yield (*at, "password_hash"), "give a password or its hash, not both"
    if user.password == "":
        yield (*at, "password"), "a password is not empty; without this key the user has none"
    if user.password_hash and not is_hash(user.password_hash):
        yield (*at, "password_hash"), "this is no argon2id or bcrypt hash, such as hash-password prints"
    if user.max_networks is not None and user.max_networks < -1:
        yield (*at, "max_networks"), "at least 0, or -1 for the limit of the server"
    yield from _check_nick(user.nick, (*at, "nick"))
    yield from _check_breaks({"realname": user.realname, "password": user.password}, at)
    yield from _twice([network.name for network in user.network], (*at, "network"))
    for number, network in enumerate(user.network):
        yield from _check_network(network, (*at, "network", number))


def _check_network(network: "NetworkDeclaration", at: Key) -> Iterator[Fault]:
    yield from _check_name(network.name, (*at, "name"))
    try:
        parse_address(network.addr)
    except AddressError as error:
        yield (*at, "addr"), str(error)
    yield from _check_nick(network.nick, (*at, "nick"))
    texts = ("username", "realname", "password", "sasl_username", "sasl_password")
    yield from _check_breaks({name: getattr(network, name) for name in texts}, at)
    if network.certfp and not _is_pin(network.certfp):
        yield (*at, "certfp"), "a pin is sha-256: or sha-512: and the hash of the certificate in hexadecimal digits"
    try:
        parse_egress(network.egress or "")
    except EgressError as error:
        yield (*at, "egress"), str(error)
    yield from _check_choice(network.sasl, tuple(SaslMechanism), (*at, "sasl"))
    for number, command in enumerate(network.connect_commands or ()):
        if not command or _BREAKS & set(command):
            yield (*at, "connect_commands", number), "a command is one line that is not empty"
    channels = [channel if isinstance(channel, str) else channel.name for channel in network.channels]
    yield from _twice(channels, (*at, "channels"), field=None)
    for number, (name, channel) in enumerate(zip(channels, network.channels, strict=True)):
        if not name or name.startswith(":") or _NOT_IN_CHANNELS & set(name):
            yield (*at, "channels", number), f"{name!r} is no name of a channel"
        if not isinstance(channel, str):
            yield from _check_channel(channel, (*at, "channels", number))


def _check_channel(channel: "ChannelDeclaration", at: Key) -> Iterator[Fault]:
    if channel.key and _NOT_IN_CHANNELS & set(channel.key):
        yield (*at, "key"), "a key has no spaces, commas or line breaks"
    for name in ("relay_detached", "reattach_on", "detach_on"):
        yield from _check_choice(getattr(channel, name), tuple(Filter), (*at, name))
    if channel.detach_after is not None and channel.detach_after < 0:
        yield (*at, "detach_after"), "seconds, at least 0"


def _check_name(name: str, at: Key) -> Iterator[Fault]:
    if not name or name == "*" or name[0] in "-:" or _NOT_IN_NAMES & set(name) or not name.isprintable():
        yield at, f"{name!r} cannot be a name: no space, / or @, no - or : in front, not *"


def _check_nick(nick: str | None, at: Key) -> Iterator[Fault]:
    if nick and not valid_nick(nick):
        yield at, f"{nick!r} is no nick"


def _check_breaks(texts: dict[str, str | None], at: Key) -> Iterator[Fault]:
    for name, text in texts.items():
        if text and _BREAKS & set(text):
            yield (*at, name), "it has a line break"


def _check_choice(value: str | None, allowed: Iterable[str], at: Key) -> Iterator[Fault]:
    if value is not None and value not in allowed:
        yield at, f"{value!r} is unknown; allowed: {', '.join(repr(str(choice)) for choice in allowed)}"


def _twice(names: list[str], at: Key, field: str | None = "name") -> Iterator[Fault]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            yield (*at, number, *([field] if field else [])), f"{name!r} is declared twice"
        seen.add(name)


def _is_pin(text: str) -> bool:
    kind, _, digits = text.lower().partition(":")
    digits = digits.replace(":", "")
    return len(digits) == _PINS.get(kind, -1) and set(digits) <= set("0123456789abcdef")
