"""The names of clusters and nodes, and the identity that a certificate gives to a node."""

import re
from typing import Annotated, NamedTuple

from msgspec import Meta

NAME = r"\A[a-z0-9][a-z0-9-]{0,62}\Z"
"""A name of a cluster or a node; it is part of paths and addresses."""
Name = Annotated[str, Meta(pattern=NAME)]
Zone = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,62}(?:/[a-z0-9][a-z0-9-]{0,62}){0,7}\Z")]
"""One name, or several from the large to the small: ``eu/de``."""
NAMES_ARE = "a name has the characters a-z, 0-9 and -, does not begin with -, and is not longer than 63"
"""For people."""
_SCHEME = "actors://"


class Identity(NamedTuple):
    """Who a node is, as its certificate says."""

    cluster: str
    node: str

    @property
    def uri(self) -> str:
        """As it stands among the alternative names of the node's certificate."""
        return f"{_SCHEME}{self.cluster}/{self.node}"


def is_name(text: str) -> bool:
    """Whether this may be the name of a node or a cluster."""
    return re.match(NAME, text) is not None


def find_identity(uri: str) -> Identity | None:
    """Read the URI of an identity; None where it is anything else."""
    if not uri.startswith(_SCHEME):
        return None
    cluster, mark, node = uri.removeprefix(_SCHEME).partition("/")
    return Identity(cluster, node) if mark and is_name(cluster) and is_name(node) else None
