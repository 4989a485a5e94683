"""What clients are told that the server can do (section 2.3 of the reference)."""

from soju_actors.irc.isupport import PASSTHROUGH
from soju_actors.user.state import NetworkState, UserState

CHATHISTORY_LIMIT = 1000
"""Messages of one answer (row LIM-16)."""


def for_clients(user: UserState, network: NetworkState | None) -> dict[str, str | None]:
    """Return the tokens for the clients of a network, or for unbound ones."""
    tokens: dict[str, str | None] = {"soju.im/SAFERATE": None}
    if network is None:
        tokens |= {"BOT": "B", "CASEMAPPING": "ascii", "CHANTYPES": "", "LINELEN": "4096", "WHOX": None}
        if user.settings.title:
            tokens["NETWORK"] = user.settings.title
        return tokens
    tokens |= {
        "BOUNCER_NETID": str(network.id),
        "CHATHISTORY": str(CHATHISTORY_LIMIT),
        "MSGREFTYPES": "timestamp,msgid",
    }
    tokens |= {name: value for name, value in network.isupport.tokens.items() if name in PASSTHROUGH}
    if network.up and "message-tags" not in network.caps:
        tokens.setdefault("CLIENTTAGDENY", "*")
    return tokens
