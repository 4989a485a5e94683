"""What the actor layer tells actors about other actors."""

from typing import Any

import msgspec

from actors.message import ActorProtocol, Job, SystemMessage
from actors.ref import Ref
from actors.supervision import ChildSpec


class ChildRestarted(msgspec.Struct, SystemMessage, frozen=True, tag="actors.child-restarted"):
    """A child failed, or ended although it is permanent, and runs again with fresh state."""

    child: Ref[Any]
    reason: str


class ChildGone(msgspec.Struct, SystemMessage, frozen=True, tag="actors.child-gone"):
    """A child has ended for good: it stopped, or failed too often (``gave_up``).

    Its name is free again. Who has no handler for a child that its supervisor
    gave up fails in turn.
    """

    child: Ref[Any]
    reason: str
    gave_up: bool = False


class ChildLeft(msgspec.Struct, SystemMessage, frozen=True, tag="actors.child-left"):
    """A child has moved to another node, to the receiver's like there."""

    child: Ref[Any]


class ChildArrived(msgspec.Struct, SystemMessage, frozen=True, tag="actors.child-arrived"):
    """A child has come from another node, from the receiver's like there."""

    child: Ref[Any]
    spec: ChildSpec


class Down(msgspec.Struct, SystemMessage, frozen=True, tag="actors.down"):
    """A watched actor has ended; sent once for each watch. It may be started again."""

    ref: Ref[Any]
    reason: str


class Refused(msgspec.Struct, SystemMessage, frozen=True, tag="actors.refused"):
    """A message found the mailbox of its receiver full."""

    to: Ref[Any]
    message: ActorProtocol


class Returned(msgspec.Struct, SystemMessage, frozen=True, tag="actors.returned"):
    """A message that was sent with ``Undelivered.RETURN`` found nobody."""

    to: Ref[Any]
    message: ActorProtocol


class ServiceFailed(msgspec.Struct, SystemMessage, frozen=True, tag="actors.service-failed"):
    """A job was not done: the service raised, is unknown, or has too much to do."""

    service: str
    job: Job
    reason: str


class Stop(msgspec.Struct, SystemMessage, frozen=True, tag="actors.stop"):
    """The end in order, from the parent: handled by the engine, after what was sent before."""
