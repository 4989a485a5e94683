"""Networks as TOML that ``provision`` reads (``network export``)."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from soju_actors.model.records import Channel, Filter, Network, SaslMechanism, User
from soju_actors.policy.redact import redact

FOLD = 200
"""Bytes from which a text is folded: a line has to fit into a message."""
WIDTH = 64
"""Bytes of each of its lines, or a character more."""
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNSAYABLE = re.compile("[\ud800-\udfff]")


class Setting(NamedTuple):
    """One key of a table."""

    key: str
    value: str | bool | int
    usual: str | bool | int = ""
    """A value that need not be said."""
    secret: bool = False


def export_lines(user: User, networks: Iterable[tuple[Network, Iterable[Channel]]], *, secrets: bool) -> Iterator[str]:
    """Yield the lines of a file that makes these networks again; without ``secrets`` it says what it leaves out."""
    yield "[[user]]"
    yield from _settings([Setting("name", user.name), Setting("nick", user.nick), Setting("realname", user.realname)])
    for network, channels in networks:
        yield "[[user.network]]"
        yield from _settings(_of_network(network), secrets=secrets)
        yield from _commands(network.connect_commands, secrets=secrets)
        yield from _channels(channels, secrets=secrets)


def _of_network(network: Network) -> list[Setting]:
    return [
        Setting("name", network.name),
        Setting("addr", network.addr),
        Setting("nick", network.nick),
        Setting("username", network.username),
        Setting("realname", network.realname),
        Setting("certfp", network.certfp),
        Setting("password", network.password, secret=True),
        Setting("sasl", str(network.sasl), str(SaslMechanism.NONE)),
        Setting("sasl_username", network.sasl_username),
        Setting("sasl_password", network.sasl_password, secret=True),
        Setting("sasl_certificate", network.sasl_certificate),
        Setting("sasl_key", network.sasl_key, secret=True),
        Setting("sasl_required", network.sasl_required, usual=False),
        Setting("auto_away", network.auto_away, usual=True),
        Setting("forward_away", network.forward_away, usual=False),
        Setting("egress", network.egress),
        Setting("enabled", network.enabled, usual=True),
    ]


def _settings(settings: Iterable[Setting], *, secrets: bool = True) -> Iterator[str]:
    for setting in settings:
        if setting.value == setting.usual:
            continue
        if setting.secret and not secrets:
            yield f"# {setting.key} is left out: it is secret"
        elif isinstance(setting.value, str):
            yield from _text(setting.key, setting.value)
        else:
            yield f"{setting.key} = {str(setting.value).lower()}"


def _text(key: str, text: str) -> Iterator[str]:
    if _UNSAYABLE.search(text):
        yield f"# {key} is left out: it is not UTF-8"
    else:
        first, *more = string_lines(text)
        yield f"{key} = {first}"
        yield from more


def _commands(commands: Iterable[str], *, secrets: bool) -> Iterator[str]:
    """Yield connect commands; those with a password in them are secret."""
    shown = [command for command in commands if secrets or redact(command) == command]
    hidden = [redact(command) for command in commands if not secrets and redact(command) != command]
    for command in (*hidden, *(command for command in shown if _UNSAYABLE.search(command))):
        yield f"# left out of connect_commands: {_UNSAYABLE.sub('?', command)}"
    if shown:
        yield "connect_commands = ["
        for command in shown:
            if not _UNSAYABLE.search(command):
                *before, last = string_lines(command)
                yield from (*before, f"{last},")
        yield "]"


def _channels(channels: Iterable[Channel], *, secrets: bool) -> Iterator[str]:
    channels = list(channels)
    if channels:
        yield "channels = ["
        for channel in channels:
            yield from _channel(channel, secrets=secrets)
        yield "]"


def _channel(channel: Channel, *, secrets: bool) -> Iterator[str]:
    if _UNSAYABLE.search(channel.name + channel.key):
        yield "  # a channel is left out: its name or key is not UTF-8"
        return
    options = {
        "key": channel.key if secrets else "",
        "detached": channel.detached or "",
        **{
            name: value if (value := getattr(channel, name)) is not Filter.DEFAULT else ""
            for name in ("relay_detached", "reattach_on", "detach_on")
        },
        "detach_after": channel.detach_after or "",
    }
    given = [f"{key} = {_value(value)}" for key, value in options.items() if value != ""]
    note = "  # its key is left out: it is secret" if channel.key and not secrets else ""
    if given:
        yield f"  {{ {', '.join([f'name = {quoted(channel.name)}', *given])} }},{note}"
    else:
        yield f"  {quoted(channel.name)},{note}"


def _value(value: str | bool | int) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower()


def quoted(text: str) -> str:
    """Return a text as a TOML string on one line."""
    return f'"{"".join(map(_character, text))}"'


def string_lines(text: str) -> list[str]:
    r"""Return a text as a TOML string: on one line, or on several that mean one.

    A backslash at a line's end takes the line break and the spaces after it away, so a
    space at the beginning of a line is escaped.
    """
    whole = quoted(text)
    if _size(whole) < FOLD:
        return [whole]
    lines = ['"""\\']
    line = ""
    for character in text:
        if _size(line) >= WIDTH:
            lines.append(f"{line}\\")
            line = ""
        line += "\\u0020" if character == " " and not line else _character(character)
    return [*lines, f"{line}\\", '"""']


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _character(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
