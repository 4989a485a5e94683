"""Messages for the store, which commits what all buffers append in groups."""

import msgspec

from actors import Args, Ref
from soju_actors.model.lease import Mandate
from soju_actors.ports.database import Appended, CursorMoved
from soju_actors.ports.protocols import ToBuffer, ToLeases, ToStore, ToUser


class StoreArgs(msgspec.Struct, Args, frozen=True, tag="store.args"):
    """What the services ``writer`` and ``reader`` do not know: ``message_expiry`` in seconds, 0 for never (CFG-18)."""

    message_expiry: float = 0.0


class Store(msgspec.Struct, ToStore, frozen=True, tag="store.store"):
    """Entries of one buffer, which is told ``EntriesStored`` when they are durable."""

    buffer: Ref[ToBuffer]
    appended: Appended


class StoreCursor(msgspec.Struct, ToStore, frozen=True, tag="store.cursor"):
    """A cursor has moved; stored with the next commit."""

    moved: CursorMoved


class WatchStorage(msgspec.Struct, ToStore, frozen=True, tag="store.watch"):
    """A user actor wants ``StoreReady`` once, and ``StorageState`` whenever the store fails and recovers.

    It gets ``LeaseLapsed`` if something under its mandate was refused.
    """

    user: Ref[ToUser]
    mandate: Mandate | None = None


class AwaitStored(msgspec.Struct, ToStore, frozen=True, tag="store.await"):
    """The sender wants ``AllStored`` when all that came before is stored."""

    request: int


class AllStored(msgspec.Struct, ToLeases, frozen=True, tag="store.all-stored"):
    """What came before :class:`AwaitStored` is durable, or was refused."""

    request: int


class TidyUp(msgspec.Struct, ToStore, frozen=True, tag="store.tidy-up"):
    """History was purged, or a network deleted: delete what is left of it when there is time."""


class ExpireNow(msgspec.Struct, ToStore, frozen=True, tag="store.expire"):
    """Alarm: look for messages that are too old, in the targets after this one."""

    after: int = 0


class Retry(msgspec.Struct, ToStore, frozen=True, tag="store.retry"):
    """Alarm: try the failed commit again."""


class LookAfter(msgspec.Struct, ToStore, frozen=True, tag="store.look-after"):
    """Alarm: the commit of this request should have been answered by now."""

    request: int


class CheckpointNow(msgspec.Struct, ToStore, frozen=True, tag="store.checkpoint-now"):
    """Alarm: something was committed a second ago, and its log is to be tidied up."""


class IndexNow(msgspec.Struct, ToStore, frozen=True, tag="store.index-now"):
    """Alarm: nothing was appended for a while, so the search index is filled."""
