"""What the user notes of channels and nicks: keys and their values (row MET-01).

Spec: https://ircv3.net/specs/extensions/metadata
"""

from collections.abc import Iterable, Mapping

from soju_actors.irc.errors import StandardReply, fail
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import reply_to

CAP = "draft/metadata-2"
CAP_VALUE = "before-connect,max-keys=0,max-value-bytes=1"
"""Keys can be subscribed to before registration, none can be made up, and values are ``0`` and ``1`` (row CAPD-07)."""

BLOCKED = "soju.im/blocked"
KEYS: Mapping[str, str] = {"soju.im/pinned": "pinned", "soju.im/muted": "muted", BLOCKED: "blocked"}
"""Each key, and what it stands for."""
VALUES = ("0", "1")


def split_keys(keys: Iterable[str]) -> tuple[list[str], list[StandardReply]]:
    """Return the keys that there are, each once, and an error for each of the others."""
    known = list(dict.fromkeys(key for key in keys if key in KEYS))
    return known, [invalid_key(key) for key in keys if key not in KEYS]


def invalid_key(key: str) -> StandardReply:
    """FAIL: there is no such key."""
    return fail("METADATA", "KEY_INVALID", key, "There is no such key")


def change_subs(
    subs: frozenset[str], subcommand: str, keys: Iterable[str], nick: str
) -> tuple[frozenset[str], list[Message]]:
    """Return the keys that a client is told of after SUB, UNSUB or SUBS, and the replies."""
    known, errors = split_keys(keys)
    failures = [reply_to(error, "", nick) for error in errors]
    match subcommand:
        case "SUB":
            changed, numeric = subs | {*known}, Numeric.RPL_METADATASUBOK
        case "UNSUB":
            changed, numeric = subs - {*known}, Numeric.RPL_METADATAUNSUBOK
        case _:
            changed, numeric, failures = subs, Numeric.RPL_METADATASUBS, []
            known = [key for key in KEYS if key in subs]
    return changed, [*([Message(numeric, (nick, *known))] if known else []), *failures]
