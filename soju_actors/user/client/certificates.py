"""CLIENTCERT: which certificates the user's clients may log in with (row CMD-28).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/client-cert.md
"""

import re

from actors import Turn
from soju_actors.irc.errors import StandardReply, fail, unknown_command
from soju_actors.irc.message import Message, format_tags
from soju_actors.irc.server_time import format_time
from soju_actors.messages.logins import (
    AddCertificate,
    CertificatesListed,
    ListCertificates,
    RemoveCertificate,
)
from soju_actors.messages.registry import AdminDone
from soju_actors.model.credentials import DeviceCertificate
from soju_actors.policy.accounts import label_of
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.saving import Pending, continuation, expect
from soju_actors.user.service.errand import asking_client
from soju_actors.user.state import UserState

TABLE = CommandTable()

BATCH = "soju.im/client-cert"
_SHA512 = re.compile(r"[0-9a-f]{128}")


@TABLE.command("CLIENTCERT", min_params=1)
def clientcert(call: Call) -> None:
    """List, add and delete certificates."""
    if not call.user.settings.accounts.client_cert_auth:
        raise unknown_command("CLIENTCERT")
    subcommand = call.params[0].upper()
    handler = SUBCOMMANDS.get(subcommand)
    if handler is None:
        raise _fail("UNKNOWN_COMMAND", call.params[0], "Unknown subcommand")
    handler(call)


def _list(call: Call) -> None:
    request = _ask(call, "LIST")
    call.turn.send(call.user.registry, ListCertificates(call.user.record.name, request))


def _create(call: Call) -> None:
    """Take the certificate of this connection; one that is there already is as good as new."""
    if not call.client.fingerprint:
        raise _fail("NOCERT", "CREATE", "Your client has shown no certificate")
    label = label_of(call.params[1] if len(call.params) > 1 else "")
    request = _ask(call, "CREATE")
    call.turn.send(call.user.registry, AddCertificate(call.user.record.name, label, call.client.fingerprint, request))


def _delete(call: Call) -> None:
    given = call.params[1:2]
    fingerprint = given[0].casefold() if given else call.client.fingerprint
    if not _SHA512.fullmatch(fingerprint):
        raise _fail("INTERNAL_ERROR", "DELETE", "That is not the fingerprint of a certificate")
    request = _ask(call, "DELETE", *given)
    call.turn.send(call.user.registry, RemoveCertificate(call.user.record.name, fingerprint, request))


SUBCOMMANDS = {"LIST": _list, "CREATE": _create, "DELETE": _delete}


def _ask(call: Call, *words: str) -> int:
    request = call.user.new_request()
    expect(call.user, request, Pending("clientcert_answered", call.client.serial, words=words))
    return request


@continuation
def clientcert_answered(user: UserState, pending: Pending, done: AdminDone | CertificatesListed, turn: Turn) -> None:
    """Tell the client what the registry has answered."""
    del turn
    client = asking_client(user, pending)
    if client is None:
        return
    if isinstance(done, CertificatesListed):
        lines = _batch(done.certificates, f"certificates-{done.request}", batched="batch" in client.caps)
    elif done.error:
        lines = [str(Message("FAIL", ("CLIENTCERT", "INTERNAL_ERROR", pending.words[0], done.error)))]
    else:
        lines = [str(Message("CLIENTCERT", pending.words))]
    network = user.network_of(client)
    (network.feed if network else user.lobby).lines_to(client, lines)


def _batch(certificates: tuple[DeviceCertificate, ...], name: str, *, batched: bool) -> list[str]:
    tag = f"@batch={name} " if batched else ""
    lines = [f"{tag}{_listed(record)}" for record in certificates]
    return [f"BATCH +{name} {BATCH}", *lines, f"BATCH -{name}"] if batched else lines


def _listed(record: DeviceCertificate) -> Message:
    """Return what is told of one certificate; each attribute is a parameter, written as a tag is."""
    shown = {"name": record.label}
    if record.last_used:
        shown |= {"time": format_time(record.last_used), "ip": record.last_address}
    attributes = (format_tags({key: value}) for key, value in shown.items() if value)
    return Message("CLIENTCERT", ("LIST", record.fingerprint, *attributes))


def _fail(code: str, subcommand: str, text: str) -> StandardReply:
    return fail("CLIENTCERT", code, subcommand, text)
