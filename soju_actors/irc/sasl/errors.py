"""What can be wrong with a SASL exchange."""

from soju_actors.irc.errors import IrcError


class SaslError(IrcError):
    """The peer's part of an exchange cannot be accepted."""


class SaslTooLongError(SaslError):
    """More than anybody needs for credentials."""
