"""What clients say to servers that take UTF-8 alone.

Spec: https://ircv3.net/specs/extensions/utf8-only
"""

from soju_actors.irc.cap_table import STANDARD_REPLIES
from soju_actors.irc.message import Message, parse_message
from soju_actors.irc.utf8 import as_utf8
from soju_actors.user.call import Call


def in_utf8(call: Call) -> None:
    """Make a command UTF-8 where its server would refuse it, so that what is stored and shown is what was said."""
    network = call.bound
    if network is None or not network.up or not network.isupport.utf8only:
        return
    line = as_utf8(call.message.line)
    if line == call.message.line:
        return
    call.message = parse_message(line)
    if STANDARD_REPLIES in call.client.caps:
        text = "This network takes UTF-8 alone: your message was taken for Windows-1252 and changed"
        call.say(Message("WARN", (call.message.command, "INVALID_UTF8", text), source=call.user.settings.hostname))
