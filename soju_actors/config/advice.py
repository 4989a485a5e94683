"""What works, and may not be what was meant."""

from collections.abc import Iterator

from soju_actors.config.settings import Config


def advice(config: Config) -> Iterator[str]:
    """Yield a sentence for each thing that the operator should know (row CFG-02)."""
    if "." not in config.hostname:
        yield f"the hostname {config.hostname!r} has no dot: clients may take it for a nick"
