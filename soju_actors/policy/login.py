"""What the name in a login says: ``user[/network][@client]`` (row USR-01)."""

from typing import NamedTuple


class Login(NamedTuple):
    """Who logs in, to which network, by which client name."""

    user: str
    network: str = ""
    client: str = ""


class LoginMismatchError(ValueError):
    """Two names of one login contradict each other (row NUM-06)."""


def parse_login(text: str) -> Login:
    """Split a name at its first ``/`` or ``@`` and at the last of the other; the parts come in either order."""
    slash, at = text.find("/"), text.find("@")
    if slash < 0 and at < 0:
        return Login(text)
    if at < 0 or 0 <= slash < at:
        user, _, rest = text.partition("/")
        network, _, client = rest.rpartition("@") if "@" in rest else (rest, "", "")
    else:
        user, _, rest = text.partition("@")
        client, _, network = rest.rpartition("/") if "/" in rest else (rest, "", "")
    return Login(user, network, client)


def merged(authenticated: Login, named: Login) -> Login:
    """Join the login that was authenticated with what USER has said of network and client.

    Raises:
        LoginMismatchError: both name a network, or a client, and not the same.
    """
    for what, ours, theirs in (
        ("network", authenticated.network, named.network),
        ("client", authenticated.client, named.client),
    ):
        if ours and theirs and ours != theirs:
            raise LoginMismatchError(f"The {what} names {ours!r} and {theirs!r} contradict each other")
    return Login(authenticated.user, authenticated.network or named.network, authenticated.client or named.client)
