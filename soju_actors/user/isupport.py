"""What clients are told that can be done (section 2.3 of the reference)."""

from collections.abc import Iterator, Mapping

from soju_actors.irc.isupport import PASSTHROUGH, delta, format_isupport, of_bouncer
from soju_actors.user.state import Client, NetworkState, UserState

CHATHISTORY_LIMIT = 1000
"""Messages of one answer (row LIM-16)."""
BATCHED = {"batch", "draft/extended-isupport"}
"""With these a list is a batch. Spec: https://ircv3.net/specs/extensions/extended-isupport#draftisupport-batch"""


def list_lines(user: UserState, network: NetworkState | None, client: Client) -> Iterator[str]:
    """Yield all that holds for a client, and what does not any more of what it was told before."""
    told, client.isupport = client.isupport, _now(user, network)
    gone = [f"-{name}" for name in told if name not in client.isupport]
    yield from _lines(user, client, [*delta({}, client.isupport), *gone])


def tell_changes(user: UserState, network: NetworkState | None) -> None:
    """Tell clients what has changed since they were told, of what holds for them (row ISU-11)."""
    now = _now(user, network)
    feed = user.lobby if network is None else network.feed
    for client in user.unbound() if network is None else network.clients:
        changes = [] if client.isupport is now else delta(client.isupport, now)
        client.isupport = now
        if changes:
            feed.lines_to(client, _lines(user, client, changes))


def _lines(user: UserState, client: Client, words: list[str]) -> Iterator[str]:
    source = f":{user.settings.hostname}"
    if not client.caps >= BATCHED:
        for message in format_isupport(words):
            yield f"{source} {message}"
        return
    yield f"{source} BATCH +isupport draft/isupport"
    for message in format_isupport(words):
        yield f"@batch=isupport {source} {message}"
    yield f"{source} BATCH -isupport"


def _now(user: UserState, network: NetworkState | None) -> Mapping[str, str | None]:
    """Return the tokens for the clients of a network, or for unbound ones; the same object while they are the same."""
    holder, tokens = (user, _of_lobby(user)) if network is None else (network, _of_network(user, network))
    if holder.tokens != tokens:
        holder.tokens = tokens
    return holder.tokens


def _of_lobby(user: UserState) -> dict[str, str | None]:
    """Return the tokens for clients that are bound to no network (rows ISU-03, ISU-04)."""
    settings = user.settings
    tokens = of_bouncer(settings.title, settings.icon)
    return tokens | {
        "BOT": "B",
        "CASEMAPPING": "ascii",
        "CHANTYPES": "",
        "LINELEN": str(settings.linelen),
        "WHOX": None,
    }


def _of_network(user: UserState, network: NetworkState) -> dict[str, str | None]:
    """Return the tokens for a network's clients (rows ISU-02, ISU-05, ISU-08, ISU-09)."""
    tokens = of_bouncer("", "") | {
        "BOUNCER_NETID": str(network.id),
        "CASEMAPPING": str(network.casemapping),
        "CHATHISTORY": str(CHATHISTORY_LIMIT),
        "MSGREFTYPES": "timestamp,msgid",
    }
    tokens |= {name: value for name, value in network.isupport.tokens.items() if name in PASSTHROUGH}
    if "LINELEN" in tokens:
        tokens["LINELEN"] = str(min(network.isupport.linelen, user.settings.linelen))
    if network.welcomed and "message-tags" not in network.caps:
        tokens.setdefault("CLIENTTAGDENY", "*")
    return tokens
