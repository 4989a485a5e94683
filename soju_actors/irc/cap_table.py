"""Which capabilities are offered to clients, and requested from servers."""

from collections.abc import Iterable, Mapping

from soju_actors.irc import metadata

PERMANENT: Mapping[str, str] = dict.fromkeys(
    (
        "batch",
        "cap-notify",
        "draft/extended-isupport",
        "draft/no-implicit-names",
        "draft/pre-away",
        "draft/read-marker",
        "echo-message",
        "extended-join",
        "invite-notify",
        "labeled-response",
        "no-implicit-names",
        "server-time",
        "setname",
        "soju.im/account-required",
        "soju.im/bouncer-networks",
        "soju.im/bouncer-networks-notify",
        "soju.im/no-implicit-names",
        "soju.im/read",
        "standard-replies",
        "userhost-in-names",
        "znc.in/batch",
        "znc.in/self-message",
        "znc.in/server-time-iso",
    ),
    "",
) | {"draft/multiline": "max-bytes=8192,max-lines=100", metadata.CAP: metadata.CAP_VALUE}
"""Offered at all times, with their values (rows CAPD-01 to CAPD-15).

``extended-join`` is among them although it is the server's to tell (row CAPD-24): a JOIN without account and realname
ends some clients that have once enabled it, so these are always there.
"""

WITH_HISTORY: Mapping[str, str] = dict.fromkeys(("draft/chathistory", "soju.im/search", "znc.in/playback"), "")
"""Offered where history is stored (rows CAPD-19, CAPD-20)."""

ASKS_FOR_HISTORY = frozenset({"draft/chathistory", "znc.in/playback"})
"""With one of these a client asks for what it wants of history, and is replayed nothing by itself (row RCP-10)."""

STANDARD_REPLIES = "standard-replies"

IMPLIED: Mapping[str, str] = {
    "znc.in/batch": "batch",
    "znc.in/playback": "server-time",
    "znc.in/server-time-iso": "server-time",
}
"""What capabilities for clients of ZNC bring with them: most are other names of what is in force then.

Nothing is done for ``znc.in/self-message``: what one client says is shown to the others in any case (row ECH-04).
"""

AFTER_REGISTRATION = frozenset({"draft/event-playback"})
"""Offered to a client once it is bound to a network (row CAPD-22)."""

PASSTHROUGH = (
    "account-notify",
    "account-tag",
    "away-notify",
    "chghost",
    "draft/channel-rename",
    "draft/extended-monitor",
    "draft/message-redaction",
    "extended-monitor",
    "message-tags",
    "multi-prefix",
)
"""Offered before registration, and then kept if the network's server has them (row CAPD-24)."""

INFORMATIONAL = frozenset({"soju.im/account-required", "sts"})
"""Offered to tell something, never enabled (row CAPD-12)."""

WITH_VALUE = frozenset({"sts"})
"""Senseless without their values: offered only to clients of 302."""

USEFUL_FIRST = (
    "sts",
    "sasl",
    "server-time",
    "message-tags",
    "batch",
    "cap-notify",
    "echo-message",
    "labeled-response",
    "multi-prefix",
    "away-notify",
    "account-notify",
    "account-tag",
    "extended-join",
    "chghost",
    "setname",
    "invite-notify",
    "userhost-in-names",
    "standard-replies",
    "draft/chathistory",
    "draft/event-playback",
    "draft/read-marker",
    "draft/multiline",
    "soju.im/bouncer-networks",
    "znc.in/server-time-iso",
    "znc.in/playback",
)
"""The order of lists: some clients read only their first line. Others follow by name."""

REQUESTED = (
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "chghost",
    "draft/account-registration",
    "draft/channel-rename",
    "draft/extended-monitor",
    "draft/message-redaction",
    "draft/multiline",
    "extended-join",
    "extended-monitor",
    "invite-notify",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "sasl",
    "server-time",
    "setname",
    "standard-replies",
    "userhost-in-names",
)
"""Requested from a server whenever it offers them (row CAPU-01)."""

COMMAND_NEEDS: Mapping[str, str] = {
    "ACCOUNT": "account-notify",
    "AWAY": "away-notify",
    "BATCH": "batch",
    "CHGHOST": "chghost",
    "MARKREAD": "draft/read-marker",
    "METADATA": "draft/metadata-2",
    "READ": "soju.im/read",
    "REDACT": "draft/message-redaction",
    "RENAME": "draft/channel-rename",
    "SETNAME": "setname",
    "TAGMSG": "message-tags",
}
"""Commands that are dropped for a client without the capability (rows FLT-01 to FLT-03)."""

TAG_NEEDS: Mapping[str, str] = {
    "account": "account-tag",
    "batch": "batch",
    "label": "labeled-response",
    "time": "server-time",
}
"""Tags that a client gets without message-tags if it has the capability (row FLT-01)."""


_RANK = {name: rank for rank, name in enumerate(USEFUL_FIRST)}


def in_force(enabled: Iterable[str]) -> frozenset[str]:
    """Return the capabilities that count for a client: those that it has enabled, and what they imply."""
    names = frozenset(enabled)
    return names.union(IMPLIED[name] for name in names & IMPLIED.keys())


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of capabilities with the most useful ones first, always in the same order."""
    return sorted(names, key=lambda name: (_RANK.get(name, len(_RANK)), name))


def wanted_of(offered: Iterable[str]) -> list[str]:
    """Return what to request of what a server offers; its echoes only with labels to know them by (row CAPU-02)."""
    names = set(offered)
    return [name for name in REQUESTED if name in names] + ["echo-message"] * (
        {"echo-message", "labeled-response"} <= names
    )
