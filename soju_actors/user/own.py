"""What clients are told of the user on a network: host, realname, account (rows NUM-01, NUM-04, LIF-07)."""

from collections.abc import Iterator

from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.user.identity import realname_for
from soju_actors.user.rooms import own_source
from soju_actors.user.state import Client, NetworkState, UserState


def own_lines(user: UserState, network: NetworkState | None, client: Client) -> Iterator[str]:
    """Yield modes, host, realname and account, as far as they are known."""
    hostname, nick = user.settings.hostname, client.nick
    if network is None:
        if client.admin:
            yield f":{hostname} {Numeric.RPL_UMODEIS} {nick} +o"
    elif network.up:
        yield f":{hostname} {Numeric.RPL_UMODEIS} {nick} +{network.modes}"
        if network.host:
            yield _host_line(hostname, network, client)
    yield from realname_lines(user, network, client)
    if "sasl" in client.caps:
        yield from _account_lines(user, network, client)


def _host_line(hostname: str, network: NetworkState, client: Client) -> str:
    """Return the username and host that the server shows, in the way that the client knows.

    Spec: https://ircv3.net/specs/extensions/chghost
    """
    username, _, host = network.host.rpartition("@")
    if "chghost" in client.caps:
        return f":{own_source(network)} CHGHOST {username} {host}"
    return f":{hostname} {Numeric.RPL_VISIBLEHOST} {client.nick} {host} :is now your hidden host"


def realname_lines(user: UserState, network: NetworkState | None, client: Client) -> Iterator[str]:
    """Yield SETNAME where the realname is not what the client takes it for.

    Spec: https://ircv3.net/specs/extensions/setname
    """
    realname = user.record.realname if network is None else realname_for(user, network.record)
    if "setname" in client.caps and realname not in ("", client.realname):
        client.realname = realname
        source = client.nick if network is None else own_source(network)
        yield str(Message("SETNAME", (realname,), source=source))


def _account_lines(user: UserState, network: NetworkState | None, client: Client) -> Iterator[str]:
    """Yield the login: on a network the server's account, else the bouncer's (row NUM-04)."""
    hostname, nick = user.settings.hostname, client.nick
    account = user.record.name if network is None else network.account
    source = own_source(network) if network and network.host else f"{nick}!{nick}@{hostname}"
    if account:
        yield f":{hostname} {Numeric.RPL_LOGGEDIN} {nick} {source} {account} :You are now logged in as {account}"
    elif network is not None and network.up:
        yield f":{hostname} {Numeric.RPL_LOGGEDOUT} {nick} {source} :You are now logged out"


def tell_connected(user: UserState, network: NetworkState) -> None:
    """Tell clients what another connection has changed and the server will not say by itself (row LIF-07)."""
    logged_out = network.account_before and not network.account
    network.account_before = ""
    for client in network.clients:
        network.feed.lines_to(client, realname_lines(user, network, client))
        if logged_out and "sasl" in client.caps:
            network.feed.lines_to(client, _account_lines(user, network, client))
