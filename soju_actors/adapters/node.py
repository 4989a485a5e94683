"""What a node of a cluster needs beside its configuration: keys that others accept, and a strategy that there is."""

from collections.abc import Iterator
from pathlib import Path

from actors.bases.node.peers.trust import PAIR, Trust, TrustError
from actors.placement.find import NoStrategyError, find_strategy
from soju_actors.config import Config
from soju_actors.config.toml import Key


def faults_of_node(config: Config) -> Iterator[tuple[Key, str]]:
    """What is wrong, with the keys of the configuration that say so."""
    yield from _faults_of_keys(config)
    try:
        find_strategy(config.cluster.placement)
    except NoStrategyError as error:
        yield ("cluster", "placement"), str(error)


def _faults_of_keys(config: Config) -> Iterator[tuple[Key, str]]:
    """Others would not let this node in, or by another name."""
    key: Key = ("cluster", "keys")
    folder = Path(config.cluster.keys)
    try:
        own = Trust(folder).own
    except TrustError as error:
        yield key, str(error)
        return
    if own.node != config.cluster.node:
        yield key, f"{folder / PAIR} is that of node {own.node}, and this is node {config.cluster.node}"
