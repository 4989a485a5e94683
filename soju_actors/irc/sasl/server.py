"""What a client says to log in to the bouncer."""

from typing import NamedTuple

from soju_actors.irc.sasl.errors import SaslError

_PARTS = 3


class PlainCredentials(NamedTuple):
    """Whom to act as (empty for the same), who logs in, and the password."""

    authzid: str
    authcid: str
    password: str


def decode_plain(data: bytes) -> PlainCredentials:
    """Return the credentials of a PLAIN response.

    Spec: https://www.rfc-editor.org/rfc/rfc4616

    Raises:
        SaslError: it is none.
    """
    try:
        parts = data.decode("utf-8").split("\0")
    except UnicodeDecodeError as error:
        raise SaslError("the credentials are not UTF-8") from error
    if len(parts) != _PARTS or not parts[1] or not parts[2]:
        raise SaslError("the credentials are not authzid, authcid and password")
    return PlainCredentials(*parts)
