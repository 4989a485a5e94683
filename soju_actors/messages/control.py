"""Messages for the actor of a control connection."""

import msgspec

from actors import Args, Link, Ref
from soju_actors.ports.protocols import ToRegistry


class ControlArgs(msgspec.Struct, Args, frozen=True, tag="control.args"):
    """A connection to a control socket that was accepted; its link is given next."""

    registry: Ref[ToRegistry]
    link: Link
