"""Messages for the actor of a control connection."""

import msgspec

from actors import Args, Link, Ref
from soju_actors.ports.protocols import ToControl, ToRegistry


class ControlArgs(msgspec.Struct, Args, frozen=True, tag="control.args"):
    """A control connection that was accepted; its link is given next."""

    registry: Ref[ToRegistry]
    link: Link


class AnswerOverdue(msgspec.Struct, ToControl, frozen=True, tag="control.overdue"):
    """Alarm: the command with this request has had no answer."""

    request: int
