"""BOUNCER: the user's networks (rows CMD-29 to CMD-34)."""

import msgspec

from soju_actors.irc.bouncer_networks import parse_attributes
from soju_actors.irc.errors import StandardReply, fail
from soju_actors.irc.message import Message
from soju_actors.model.records import Network, NetworkId
from soju_actors.ports.database import DeleteNetwork, Saved, SaveNetwork
from soju_actors.user.attributes import AttributeRefusedError, apply_attributes, attribute_of
from soju_actors.user.bouncer import network_line
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.saving import Pending, newest
from soju_actors.user.settings import SettingError, check_network
from soju_actors.user.state import NetworkState

TABLE = CommandTable()


@TABLE.command("BOUNCER", min_params=1)
def bouncer(call: Call) -> None:
    """List, add, change and delete networks."""
    subcommand = call.params[0].upper()
    handler = SUBCOMMANDS.get(subcommand)
    if handler is None:
        raise _fail("UNKNOWN_COMMAND", call.params[0], text="Unknown subcommand")
    handler(call)


def _list(call: Call) -> None:
    lines = [network_line(call.user, network) for network in call.user.networks.values()]
    name = f"networks-{call.user.new_request()}"
    tagged = [f"@batch={name} {line}" for line in lines]
    call.lines([f"BATCH +{name} soju.im/bouncer-networks", *tagged, f"BATCH -{name}"])


def _add(call: Call) -> None:
    given = _given(call, "ADDNETWORK", 1)
    if not given.get("host"):
        raise _fail("NEED_ATTRIBUTE", "ADDNETWORK", "host", text="The attribute host is needed")
    record = Network(NetworkId(0), call.user.record.id, "", "", nick=call.client.nick)
    record = _checked(call, "ADDNETWORK", record, given)
    if record.nick == call.user.record.name:
        record = msgspec.structs.replace(record, nick="")
    call.save(SaveNetwork(record), Pending("network_added", call.client.serial, network=record, words=("BOUNCER",)))


def _change(call: Call) -> None:
    network = _network(call, "CHANGENETWORK")
    record = _checked(call, "CHANGENETWORK", newest(call.user, network.record), _given(call, "CHANGENETWORK", 2))
    pending = Pending("network_changed", call.client.serial, network=record, words=("BOUNCER",))
    call.save(SaveNetwork(record), pending)


def _delete(call: Call) -> None:
    network = _network(call, "DELNETWORK")
    pending = Pending("network_deleted", call.client.serial, network=network.record, words=("BOUNCER",))
    call.save(DeleteNetwork(network.record.id), pending)


def _bind(call: Call) -> None:
    del call
    raise _fail("REGISTRATION_IS_COMPLETED", "BIND", text="Cannot bind to a network after registration")


SUBCOMMANDS = {
    "LISTNETWORKS": _list,
    "ADDNETWORK": _add,
    "CHANGENETWORK": _change,
    "DELNETWORK": _delete,
    "BIND": _bind,
}


def reply_to_bouncer(call_client: str, pending: Pending, answer: object) -> list[str]:
    """Return what a client that used BOUNCER is told when its change is stored, or is not."""
    subcommand = {"network_added": "ADDNETWORK", "network_changed": "CHANGENETWORK", "network_deleted": "DELNETWORK"}[
        pending.then
    ]
    del call_client
    if isinstance(answer, Saved):
        network_id = answer.id if pending.then == "network_added" else pending.network.id if pending.network else 0
        return [str(Message("BOUNCER", (subcommand, str(network_id))))]
    reason = getattr(answer, "reason", "internal error")
    return [str(Message("FAIL", ("BOUNCER", "UNKNOWN_ERROR", subcommand, reason)))]


def _given(call: Call, subcommand: str, index: int) -> dict[str, str]:
    given = parse_attributes(call.params[index]) if len(call.params) > index else {}
    if not given:
        raise _fail("INVALID_PARAMS", subcommand, text="Attributes are missing")
    return given


def _checked(call: Call, subcommand: str, record: Network, given: dict[str, str]) -> Network:
    about = str(record.id) if record.id else "*"
    try:
        record = apply_attributes(record, given)
        check_network(call.user, record, admin=call.client.admin)
    except AttributeRefusedError as error:
        raise _fail(error.code, subcommand, about, error.attribute, text=str(error)) from None
    except SettingError as error:
        attribute = attribute_of(error.field, given)
        if attribute:
            raise _fail("INVALID_ATTRIBUTE", subcommand, about, attribute, text=str(error)) from None
        raise _fail("UNKNOWN_ERROR", subcommand, text=str(error)) from None
    return record


def _network(call: Call, subcommand: str) -> NetworkState:
    text = call.params[1] if len(call.params) > 1 else ""
    network = call.user.networks.get(int(text)) if text.isascii() and text.isdigit() else None
    if network is None:
        raise _fail("INVALID_NETID", subcommand, text or "*", text="There is no such network")
    return network


def _fail(code: str, *context: str, text: str) -> StandardReply:
    return fail("BOUNCER", code, *context, text)
