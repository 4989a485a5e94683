"""Flags that several commands have."""

from soju_actors.service.commands import Flag, Kind

ON_NETWORK = Flag("network", "name", "the network, if not the current one")


def yes_or_no(name: str, about: str, *, admin: bool = False) -> Flag:
    """Return a flag that says yes where it stands alone."""
    return Flag(name, "yes|no", about, Kind.BOOLEAN, admin=admin)
