"""What goes wrong with a peer's input, and the wording of the replies."""

from soju_actors.irc.numerics import Numeric

SPECIFIED = frozenset(
    ("BATCH", "BOUNCER", "CHATHISTORY", "MARKREAD", "METADATA", "REDACT", "REGISTER", "RENAME", "SETNAME", "VERIFY")
)
"""Commands with standard replies of their own: who gives one understands them without the capability for all."""


class IrcError(Exception):
    """Input of a peer that cannot be accepted."""


class ParseError(IrcError):
    """A line is not IRC. It ends the connection of its sender."""


class ReplyError(IrcError):
    """A command failed and its sender gets a numeric.

    The dispatcher adds what only it knows: the server's name as source and the
    client's nick as first parameter.
    """

    def __init__(self, numeric: Numeric, *params: str) -> None:
        super().__init__(f"{numeric.name} {' '.join(params)}")
        self.numeric = numeric
        self.params = params


class StandardReply(IrcError):  # noqa: N818 - a NOTE is no error
    """A command's outcome in words for a program and for a person; ``kind`` is FAIL, WARN or NOTE.

    The last of ``params`` is the sentence, those before it are the context.

    Spec: https://ircv3.net/specs/extensions/standard-replies
    """

    def __init__(self, kind: str, command: str, code: str, *params: str) -> None:
        super().__init__(" ".join((kind, command, code, *params)))
        self.kind = kind
        self.command = command
        self.code = code
        self.params = params


def fail(command: str, code: str, *params: str) -> StandardReply:
    """FAIL: the command was not carried out; the last parameter is the sentence."""
    return StandardReply("FAIL", command, code, *params)


def cannot_here(text: str) -> ReplyError:
    """ERR_UNKNOWNERROR (400): the command does not fit where it was given (row NUM-03)."""
    return ReplyError(Numeric.ERR_UNKNOWNERROR, text)


def no_such_nick(nick: str) -> ReplyError:
    """ERR_NOSUCHNICK (401)."""
    return ReplyError(Numeric.ERR_NOSUCHNICK, nick, "No such nick")


def no_such_server(name: str) -> ReplyError:
    """ERR_NOSUCHSERVER (402)."""
    return ReplyError(Numeric.ERR_NOSUCHSERVER, name, "No such server")


def no_such_channel(name: str) -> ReplyError:
    """ERR_NOSUCHCHANNEL (403)."""
    return ReplyError(Numeric.ERR_NOSUCHCHANNEL, name, "No such channel")


def invalid_cap_command(subcommand: str) -> ReplyError:
    """ERR_INVALIDCAPCMD (410): the parameter is never empty, a client could not tell it from the text."""
    return ReplyError(Numeric.ERR_INVALIDCAPCMD, subcommand or "*", "Unknown CAP command")


def input_too_long() -> ReplyError:
    """ERR_INPUTTOOLONG (417). Spec: https://ircv3.net/specs/extensions/message-tags#size-limit."""
    return ReplyError(Numeric.ERR_INPUTTOOLONG, "Input line was too long")


def unknown_command(command: str) -> ReplyError:
    """ERR_UNKNOWNCOMMAND (421)."""
    return ReplyError(Numeric.ERR_UNKNOWNCOMMAND, command, "Unknown command")


def no_nick_given() -> ReplyError:
    """ERR_NONICKNAMEGIVEN (431)."""
    return ReplyError(Numeric.ERR_NONICKNAMEGIVEN, "No nickname given")


def erroneous_nick(nick: str, text: str = "Erroneous nickname") -> ReplyError:
    """ERR_ERRONEUSNICKNAME (432). A nick that cannot be a parameter is shown as ``*``."""
    expressible = nick and " " not in nick and not nick.startswith(":")
    return ReplyError(Numeric.ERR_ERRONEUSNICKNAME, nick if expressible else "*", text)


def nick_in_use(nick: str) -> ReplyError:
    """ERR_NICKNAMEINUSE (433)."""
    return ReplyError(Numeric.ERR_NICKNAMEINUSE, nick, "Nickname is already in use")


def not_registered() -> ReplyError:
    """ERR_NOTREGISTERED (451)."""
    return ReplyError(Numeric.ERR_NOTREGISTERED, "You have not registered")


def need_more_params(command: str) -> ReplyError:
    """ERR_NEEDMOREPARAMS (461)."""
    return ReplyError(Numeric.ERR_NEEDMOREPARAMS, command, "Not enough parameters")


def already_registered() -> ReplyError:
    """ERR_ALREADYREGISTERED (462)."""
    return ReplyError(Numeric.ERR_ALREADYREGISTERED, "You may not reregister")


def password_mismatch(text: str = "Password incorrect") -> ReplyError:
    """ERR_PASSWDMISMATCH (464)."""
    return ReplyError(Numeric.ERR_PASSWDMISMATCH, text)


def sasl_failed(text: str = "SASL authentication failed") -> ReplyError:
    """ERR_SASLFAIL (904)."""
    return ReplyError(Numeric.ERR_SASLFAIL, text)


def sasl_too_long() -> ReplyError:
    """ERR_SASLTOOLONG (905)."""
    return ReplyError(Numeric.ERR_SASLTOOLONG, "SASL message too long")


def sasl_aborted() -> ReplyError:
    """ERR_SASLABORTED (906)."""
    return ReplyError(Numeric.ERR_SASLABORTED, "SASL authentication aborted")


def sasl_already() -> ReplyError:
    """ERR_SASLALREADY (907)."""
    return ReplyError(Numeric.ERR_SASLALREADY, "You have already authenticated using SASL")
