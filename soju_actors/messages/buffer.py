"""Messages for a channel buffer: the ring of one target, its readers and their cursors."""

import msgspec

from actors import Args, Ref
from soju_actors.history.hiding import Hidden
from soju_actors.irc.filtering import View
from soju_actors.model.entry import Entry
from soju_actors.model.lease import Mandate
from soju_actors.ports.protocols import ToBuffer, ToDownstream, ToStore, ToUser


class BufferArgs(msgspec.Struct, Args, frozen=True, tag="buffer.args"):
    """Where a buffer begins.

    ``end`` is the number of its first new message; ``cursors`` are those of all
    client names of the network. ``fresh`` says that nothing of the target is
    stored, these cursors included.
    """

    user: Ref[ToUser]
    store: Ref[ToStore]
    network_id: int
    target: str
    key: int
    end: int
    cursors: dict[str, int]
    fresh: bool
    capacity: int
    mandate: Mandate | None = None


class Append(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.append"):
    """New messages, in order; the first number is the one after the last.

    Messages with a msgid that is among ``redacted`` are hidden from now on, from
    whoever did not see them when they were said. ``multiline``: some are of several lines.
    """

    entries: tuple[Entry, ...]
    redacted: tuple[str, ...] = ()
    multiline: bool = False


class Subscribe(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.subscribe"):
    """A client wants this buffer's messages, with so much credit in lines.

    From number ``live`` on it gets all. With ``backlog`` a slot for a backlog waits for
    what comes before that: with ``talk`` the PRIVMSG and NOTICE that its name's cursor has not
    passed (row RCP-07), or, where it was held back, those since then; but for those of ``hidden``
    senders. ``key`` is the buffer's name in the pages.
    """

    reader: Ref[ToDownstream]
    key: int
    client: str
    live: int
    backlog: bool
    view: View
    credit: int
    talk: bool = True
    hidden: Hidden | None = None
    since: int = -1
    """Where the backlog begins, if not at the cursor of the client's name."""


class Hold(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.hold"):
    """The channel is detached: who reads it gets nothing from number ``first`` on, until it subscribes again."""

    first: int


class TellStored(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.tell-stored"):
    """These clients want to know when all messages below ``end`` are durable."""

    clients: tuple[Ref[ToDownstream], ...]
    end: int


class Unsubscribe(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.unsubscribe"):
    """The client gets no further pages."""

    reader: Ref[ToDownstream]


class ViewChanged(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.view-changed"):
    """A client has enabled or disabled capabilities that alter its lines. From its downstream."""

    view: View


class MoreCredit(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.more-credit"):
    """The sending downstream has written so many lines: as many more may come."""

    lines: int


class Acknowledge(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.acknowledge"):
    """The client of this name has received all below ``number`` (row RCP-02)."""

    client: str
    number: int


class NameClient(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.name-client"):
    """A client name is new on the network: its cursor stands at ``number`` (row RCP-05)."""

    client: str
    number: int


class Purge(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.purge"):
    """The stored messages below ``end`` have been deleted: show them to nobody any more."""

    end: int


class EntriesStored(msgspec.Struct, ToBuffer, frozen=True, tag="buffer.entries-stored"):
    """The store has made all messages below ``end`` durable."""

    end: int
