"""What the server's configuration says for every user."""

import msgspec

from soju_actors.irc.framing import LINELEN
from soju_actors.policy.accounts import AccountSettings
from soju_actors.policy.upstream import UpstreamSettings


class ServerSettings(msgspec.Struct, frozen=True):
    """Settings that user actors are started with."""

    hostname: str
    title: str = ""
    icon: str = ""
    """The URL of an image for the bouncer itself."""
    linelen: int = LINELEN
    """The longest line of a client without its tags."""
    motd: tuple[str, ...] = ()
    max_networks: int = -1
    """Enabled networks of a user; -1: no limit."""
    max_clients: int = 1024
    """Clients of a user at the same time."""
    max_channels: int = 10_000
    """Saved channels of a network."""
    max_targets: int = 10_000
    """Targets of a network with history of their own."""
    targets: int = 100
    """Targets of one message of a client."""
    ring: int = 1024
    """Messages of a target that are kept in memory."""
    accounts: AccountSettings = AccountSettings()
    upstream: UpstreamSettings = UpstreamSettings()
