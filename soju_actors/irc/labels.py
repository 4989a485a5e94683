"""Labels: those of clients, and ours on commands for a server, which say who asked.

Spec: https://ircv3.net/specs/extensions/labeled-response
"""

from collections.abc import Collection

from soju_actors.irc.message import Message

LONGEST = 64
"""Bytes of a label."""
NEEDS = frozenset(("batch", "labeled-response"))
"""What a client must have enabled for its labels to count."""


def label_of(message: Message, caps: Collection[str]) -> str:
    """Return the label of a client's command, empty if it has none that counts: one that is too long is none."""
    if "label=" not in message.tags or not {*caps} >= NEEDS:
        return ""
    label = message.tag("label") or ""
    return label if len(label.encode("utf-8", "surrogateescape")) <= LONGEST else ""


def make_label(client: int, number: int) -> str:
    """Return the label of a client's question."""
    return f"{client}-{number}"


def parse_label(label: str) -> tuple[int, int] | None:
    """Return the client and the number; None if the label is not ours."""
    client, dash, number = label.partition("-")
    if not (dash and label.isascii() and client.isdigit() and number.isdigit() and len(label) <= LONGEST):
        return None
    return int(client), int(number)
