"""The keys by which this node is let into its cluster, before it starts."""

from collections.abc import Iterator
from pathlib import Path

from actors.bases.node.peers.trust import PAIR, Trust, TrustError
from soju_actors.config import Config
from soju_actors.config.toml import Key


def faults_of_keys(config: Config) -> Iterator[tuple[Key, str]]:
    """What is wrong with the keys of a node of a cluster: others would not let it in, or by another name."""
    key: Key = ("cluster", "keys")
    folder = Path(config.cluster.keys)
    try:
        own = Trust(folder).own
    except TrustError as error:
        yield key, str(error)
        return
    if own.node != config.cluster.node:
        yield key, f"{folder / PAIR} is that of node {own.node}, and this is node {config.cluster.node}"
