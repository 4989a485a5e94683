"""Commands about networks (rows SVC-02 to SVC-06)."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from soju_actors.irc.errors import ParseError
from soju_actors.irc.message import Message, parse_message
from soju_actors.messages.upstream import Forward
from soju_actors.model.records import Network, NetworkId
from soju_actors.policy.address import AddressError, parse_address
from soju_actors.policy.egress import EgressError, parse_egress
from soju_actors.policy.redact import redact
from soju_actors.ports.database import DeleteNetwork, SaveNetwork
from soju_actors.service.commands import Given
from soju_actors.service.errors import CommandError
from soju_actors.service.replies import aligned
from soju_actors.service.values import counted, format_duration
from soju_actors.service.words import Words, quoted
from soju_actors.user.identity import nick_for, realname_for, username_for
from soju_actors.user.service.errand import Errand, Handler
from soju_actors.user.service.sasl import how_logged_in
from soju_actors.user.settings import check_network
from soju_actors.user.state import NetworkState

TEXTS = {
    "addr": "addr",
    "name": "name",
    "nick": "nick",
    "username": "username",
    "realname": "realname",
    "pass": "password",
}
"""Fields of a network by the flags that set them."""
BOOLEANS = {
    "auto-away": "auto_away",
    "forward-away": "forward_away",
    "enabled": "enabled",
    "sasl-required": "sasl_required",
}


def create(errand: Errand, given: Given) -> None:
    """Add a network; it is connected when it is stored."""
    record = Network(NetworkId(0), errand.user.record.id, "", "")
    record = _changed(record, given)
    if not record.name:
        record = msgspec.structs.replace(record, name=_default_name(record.addr))
    _check(errand, record, given)
    errand.save(SaveNetwork(record), "network_added", network=record)


def status(errand: Errand, given: Given) -> None:
    """Tell how the networks stand, or all that is set of one."""
    if given.params:
        errand.say(*_described(errand, errand.network(given.param(0))))
        return
    errand.say(*aligned([_row(errand, network) for network in errand.user.networks.values()]))
    if not errand.user.networks:
        errand.say("You have no networks; say help network create")


def update(errand: Errand, given: Given) -> None:
    """Change a network; it is connected again when that is stored (row LIF-10)."""
    network = errand.network(given.param(0))
    record = _changed(errand.record(network), given)
    _check(errand, record, given)
    errand.save(SaveNetwork(record), "network_changed", network=record)


def delete(errand: Errand, given: Given) -> None:
    """Forget a network; the current one, which nobody has named, only when it is named (unlike row SVC-05)."""
    network = errand.network(given.param(0))
    if not given.params:
        name = network.record.name
        errand.say(f"This deletes {name}, the network that you are on, with its channels and history.")
        errand.say(f"If you mean it, say: network delete {quoted(name)}")
        return
    errand.save(DeleteNetwork(network.record.id), "network_deleted", network=errand.record(network))


def quote(errand: Errand, given: Given) -> None:
    """Send a server a line; its first word is taken for a network if there is one of that name."""
    name, line = _line(errand, given.param(0))
    network = errand.network(name)
    if not network.up:
        raise CommandError(f"{network.record.name} is not connected")
    errand.turn.send(network.upstream, Forward((_message(line),)))
    errand.say(f"Sent to {network.record.name}")


HANDLERS: Mapping[str, Handler] = {
    "network create": create,
    "network status": status,
    "network update": update,
    "network delete": delete,
    "network quote": quote,
}


def _changed(record: Network, given: Given) -> Network:
    """Return a network with what was given."""
    changes: dict[str, Any] = {
        **{field: text for flag, field in TEXTS.items() if (text := given.text(flag)) is not None},
        **{field: yes for flag, field in BOOLEANS.items() if (yes := given.boolean(flag)) is not None},
    }
    if (pin := given.pin("certfp")) is not None:
        changes["certfp"] = pin
    if (egress := given.text("egress")) is not None:
        changes["egress"] = _egress(egress)
    if (commands := given.all("connect-command")) is not None:
        changes["connect_commands"] = tuple(filter(None, commands))
    return msgspec.structs.replace(record, **changes)


def _egress(text: str) -> str:
    try:
        return str(parse_egress(text))
    except EgressError as error:
        raise CommandError(f"-egress: {error}") from None


def _check(errand: Errand, record: Network, given: Given) -> None:
    for command in record.connect_commands:
        _message(command)
    # What is not enabled does not count against the limit.
    checked = msgspec.structs.replace(record, enabled=False) if given.boolean("ignore-limit") else record
    check_network(errand.user, checked, admin=errand.caller.admin)


def _default_name(addr: str) -> str:
    try:
        address = parse_address(addr)
    except AddressError as error:
        raise CommandError(str(error)) from None
    if not address.host:
        raise CommandError("give a network on a Unix socket a -name")
    return address.host


def _row(errand: Errand, network: NetworkState) -> tuple[str, str, str]:
    record = network.record
    notes = ["current"] if network is errand.bound else []
    if network.up:
        notes += [f"as {network.nick}"] if network.nick != nick_for(errand.user, record) else []
        notes.append(counted(len(network.rooms), "channel"))
    elif record.enabled and network.error:
        notes.append(network.error)
    return record.name, _state(network), ", ".join(notes)


def _state(network: NetworkState) -> str:
    return network.link.value if network.record.enabled else "disabled"


def _described(errand: Errand, network: NetworkState) -> Iterator[str]:
    """Yield what is set of a network, and how it stands; secrets only by their being there."""
    user, record, wall = errand.user, network.record, errand.turn.wall
    since = f" for {format_duration(wall - network.since)}" if network.since and record.enabled else ""
    yield f"{record.name}: {_state(network)}{since}"
    rows = [("address", record.addr)]
    if not network.up and network.error:
        again = network.retry_at and f"; next attempt in {format_duration(network.retry_at - wall)}"
        rows.append(("error", f"{network.error}{again or ''}"))
    if network.up:
        there = [f"as {network.nick}", counted(len(network.rooms), "channel"), *filter(None, [network.server])]
        rows.append(("now", ", ".join(there)))
    clients = sorted({client.name or "(no name)" for client in network.clients})
    rows += [("clients", ", ".join(clients) or "none attached"), ("nick", nick_for(user, record))]
    rows += [("username", username_for(user, record)), ("realname", realname_for(user, record))]
    rows += [("pass", "set")] if record.password else []
    rows += [("certfp", record.certfp)] if record.certfp else []
    rows += [("egress", record.egress)] if record.egress else []
    rows += [("sasl", how_logged_in(record))]
    rows += [("on connect", redact(command)) for command in record.connect_commands]
    rows += [("auto-away", "yes" if record.auto_away else "no")]
    rows += [("forward-away", "yes")] if record.forward_away else []
    yield from (f"  {row}" for row in aligned(rows))


def _line(errand: Errand, text: str) -> tuple[str, str]:
    """Split what is to be sent from the network that it is for."""
    first, _, rest = text.partition(" ")
    if errand.user.find_network(first) is not None and rest.strip():
        return first, Words(rest).rest()
    return "", text


def _message(line: str) -> Message:
    try:
        return parse_message(line)
    except ParseError as error:
        raise CommandError(f"a line to be sent is not IRC: {error}") from None
