"""What works, and may not be what was meant."""

from collections.abc import Iterator

from soju_actors.config.settings import Config, Role


def advice(config: Config) -> Iterator[str]:
    """Yield a sentence for each thing that the operator should know (row CFG-02)."""
    if "." not in config.hostname:
        yield f"the hostname {config.hostname!r} has no dot: clients may take it for a nick"
    if config.cluster.node and config.cluster.role is Role.EDGE and not config.listen:
        yield f'no client can connect to node {config.cluster.node}: it has the role "edge", and no [[listen]]'
