"""PRIVMSG, NOTICE, TAGMSG: what a client says (row CMD-18, section 5.9)."""

from soju_actors.irc.errors import ReplyError
from soju_actors.irc.message import Message, format_tags
from soju_actors.irc.numerics import Numeric
from soju_actors.messages.registry import Announce
from soju_actors.policy.service import SERVICE_NICK
from soju_actors.user.call import Call
from soju_actors.user.client import playback
from soju_actors.user.client.table import CommandTable
from soju_actors.user.credentials import note_nickserv
from soju_actors.user.following import heard
from soju_actors.user.recording import record
from soju_actors.user.rooms import own_source
from soju_actors.user.server.messages import buffer_of, is_stored
from soju_actors.user.service import run
from soju_actors.user.stamps import stamped

TABLE = CommandTable()


@TABLE.command("PRIVMSG", "NOTICE", "TAGMSG", min_params=1)
def talk(call: Call) -> None:
    """Say something to each target."""
    command = call.message.command
    if command in ("PRIVMSG", "NOTICE") and (len(call.params) == 1 or not call.params[1]):
        raise ReplyError(Numeric.ERR_NOTEXTTOSEND, "No text to send")
    tags = format_tags(client_tags(call.message))
    for target in targets_of(call):
        with call.one_target():
            message = Message(command, (target, *call.params[1:]), tags=tags)
            if target.casefold() == SERVICE_NICK.casefold():
                _to_service(call, message)
            elif target.casefold() == playback.MODULE:
                playback.play_back(call, message.params[-1] if command != "TAGMSG" else "")
            elif _is_everybody(call, target):
                _to_everybody(call)
            elif call.bound is None and target.casefold() == call.client.nick.casefold():
                _to_oneself(call, message)
            else:
                _to_network(call, message)


def client_tags(message: Message) -> dict[str, str]:
    """Return the tags that clients may give to each other; others are for servers to say.

    Spec: https://ircv3.net/specs/extensions/message-tags#rules-for-client-only-tags
    """
    return {key: value for key, value in message.tag_map().items() if key.startswith("+")}


def targets_of(call: Call) -> list[str]:
    """Return the targets that a message is for, one by one.

    Raises:
        ReplyError: there are too many.
    """
    targets = call.params[0].split(",")
    if len(targets) > call.user.settings.targets:
        raise ReplyError(Numeric.ERR_TOOMANYTARGETS, f"A message has at most {call.user.settings.targets} targets")
    return [target for target in targets if target]


def _is_everybody(call: Call, target: str) -> bool:
    """Whether a target stands for all users: the bouncer's name, and on a connection for no network any server's."""
    return target == f"${call.user.settings.hostname}" or (target == "$*" and call.bound is None)


def _to_network(call: Call, message: Message) -> None:
    network = call.connected
    note_nickserv(call, message)
    if "message-tags" not in network.caps:
        if message.command == "TAGMSG":
            return
        call.forward(message.without_tags())
    else:
        call.forward(message)
    if "echo-message" not in network.caps:
        _echo(call, message)


def _echo(call: Call, message: Message) -> None:
    """Store and show a client's message where the server does not send it back (row ECH-03)."""
    network = call.network
    message = echo_of(call, message)
    buffer = buffer_of(network, message, network.nick)
    stamp = stamped(message, call.turn.wall)
    if not is_stored(network, message, buffer):
        if not network.hides(buffer):
            network.feed.line_if(stamp[1], but=hidden_from(call))
        return
    handle = record(call.user, network, buffer, message, stamp, call.turn)
    heard(call.user, network, handle, message, stamp[0], call.turn, hidden_from=hidden_from(call))


def echo_of(call: Call, message: Message) -> Message:
    """Return a client's message as the server would send it back."""
    network = call.network
    if network.account:
        message = message.with_tags({**message.tag_map(), "account": network.account})
    return message.replaced(source=own_source(network))


def hidden_from(call: Call) -> int:
    """Return the serial of the client if it wants no echo of what it says, else 0."""
    return 0 if "echo-message" in call.client.caps else call.client.serial


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
