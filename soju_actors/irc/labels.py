"""Labels of ours on commands for a server: which client asked, and the number of the question.

Spec: https://ircv3.net/specs/extensions/labeled-response
"""

LONGEST = 64
"""Bytes of a label."""


def make_label(client: int, number: int) -> str:
    """Return the label of a client's question."""
    return f"{client}-{number}"


def parse_label(label: str) -> tuple[int, int] | None:
    """Return the client and the number; None if the label is not ours."""
    client, dash, number = label.partition("-")
    if not (dash and label.isascii() and client.isdigit() and number.isdigit() and len(label) <= LONGEST):
        return None
    return int(client), int(number)
