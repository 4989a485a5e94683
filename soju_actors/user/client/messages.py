"""PRIVMSG, NOTICE, TAGMSG, REDACT: what a client says (row CMD-18, section 5.9)."""

from soju_actors.irc.errors import ReplyError
from soju_actors.irc.message import Message, format_tags
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.registry import Announce
from soju_actors.user.call import Call
from soju_actors.user.client.table import CommandTable
from soju_actors.user.credentials import note_nickserv
from soju_actors.user.recording import record
from soju_actors.user.rooms import own_source
from soju_actors.user.server.messages import is_stored
from soju_actors.user.service import run
from soju_actors.user.service.identity import SERVICE_NICK
from soju_actors.user.stamps import stamped

TABLE = CommandTable()


@TABLE.command("PRIVMSG", "NOTICE", "TAGMSG", "REDACT", min_params=1)
def talk(call: Call) -> None:
    """Say something to each target."""
    command = call.message.command
    if command in ("PRIVMSG", "NOTICE") and (len(call.params) == 1 or not call.params[1]):
        raise ReplyError(Numeric.ERR_NOTEXTTOSEND, "No text to send")
    tags = {key: value for key, value in call.message.tag_map().items() if key.startswith("+")}
    targets = call.params[0].split(",")
    if len(targets) > call.user.settings.targets:
        raise ReplyError(Numeric.ERR_TOOMANYTARGETS, f"A message has at most {call.user.settings.targets} targets")
    for target in targets:
        with call.one_target():
            message = Message(command, (target, *call.params[1:]), tags=format_tags(tags))
            if target.casefold() == SERVICE_NICK.casefold():
                _to_service(call, message)
            elif target[:1] == "$" and target in ("$*", f"${call.user.settings.hostname}"):
                _to_everybody(call)
            elif call.bound is None and target == call.client.nick:
                _to_oneself(call, message)
            elif target:
                _to_network(call, message)


def _to_network(call: Call, message: Message) -> None:
    network = call.connected
    if not message.params[0]:
        return
    note_nickserv(call, message)
    sent = message if "message-tags" in network.caps else message.without_tags()
    if message.command in ("TAGMSG", "REDACT") and "message-tags" not in network.caps:
        return
    call.forward(sent)
    if "echo-message" not in network.caps:
        _echo(call, message)


def _echo(call: Call, message: Message) -> None:
    """Store and show a client's message where the server does not send it back (row ECH-03)."""
    network, client = call.network, call.client
    if network.account and "account" not in message.tags:
        message = message.with_tags({**message.tag_map(), "account": network.account})
    message = message.replaced(source=own_source(network))
    hidden = 0 if "echo-message" in client.caps else client.serial
    target = message.params[0]
    symbols = network.isupport.statusmsg
    bare = target.lstrip(symbols) if symbols else target
    buffer = bare if network.isupport.is_channel(bare) else target
    stamp = stamped(message, call.turn.wall)
    if not is_stored(network, message, buffer):
        network.feed.line_if(stamp[1], but=hidden)
        return
    handle = record(call.user, network, buffer, message, stamp, call.turn)
    network.feed.run(handle.key, hidden_from=hidden)


def _to_service(call: Call, message: Message) -> None:
    """Run a command of BouncerServ."""
    _to_oneself(call, message)
    if message.command == "PRIVMSG":
        with call.apart():
            run(call, message.params[1])


def _to_oneself(call: Call, message: Message) -> None:
    """Echo what stays within the bouncer."""
    if "echo-message" in call.client.caps:
        source = own_source(call.bound) if call.bound else call.client.nick
        call.feed.line_to(call.client, stamped(message.replaced(source=source), call.turn.wall)[1])


def _to_everybody(call: Call) -> None:
    """Let an admin tell all users something."""
    if not call.client.admin or len(call.params) < 2:  # noqa: PLR2004 - target and text
        raise ReplyError(Numeric.ERR_BADMASK, call.params[0], "Only an admin may address everybody")
    call.turn.send(call.user.registry, Announce(call.params[1], call.user.record.name))
