"""Attributes of networks in ``soju.im/bouncer-networks``: written and escaped as tags are.

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md
"""

from collections.abc import Mapping

from soju_actors.irc.message import format_tags, unescape_tag_value

WRITABLE = ("name", "host", "port", "tls", "nickname", "username", "realname", "pass")
"""What clients can set (row CMD-34)."""
READABLE = ("name", "state", "host", "port", "tls", "nickname", "username", "realname", "error")
"""What clients are shown; never the password (row CMD-34)."""


def format_attributes(attributes: Mapping[str, str]) -> str:
    """Return attributes as one parameter; an empty value says that there is none.

    Raises:
        ValueError: a name or value cannot be expressed.
    """
    return format_tags(attributes)


def parse_attributes(text: str) -> dict[str, str]:
    """Return the attributes of a parameter; one without a value has an empty one."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name: unescape_tag_value(value) for name, _, value in parts if name}
