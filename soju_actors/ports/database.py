"""Jobs for the services ``writer`` and ``reader``, and their answers.

The ``writer`` has one thread and one connection: its jobs run one after the other,
each in one transaction. The ``reader`` has connections of its own and sees what
was committed before its job began. A job is answered by exactly one message.

An answer belongs to the protocols of the actors that ask for it.
"""

from collections.abc import Mapping
from enum import Enum

import msgspec

from soju_actors.history.hiding import Hidden
from soju_actors.model.credentials import AppPassword, DeviceCertificate
from soju_actors.model.entry import Entry
from soju_actors.model.lease import Mandate, SessionId
from soju_actors.model.records import Channel, Flags, Marker, Network, NetworkId, StsPolicy, User, UserId, UserSettings
from soju_actors.ports.protocols import ToBuffer, ToDownstream, ToLeases, ToRegistry, ToStore, ToUser

# --- writing history -------------------------------------------------------


class Appended(msgspec.Struct, frozen=True):
    """Entries for one target, in order of number, without gaps.

    Entries of the target with a msgid that is among ``redacted``, these or earlier ones,
    lose their command and their line, and are found by their number and msgid alone.
    ``mandate`` is that of the network's user, in a cluster.
    """

    network_id: NetworkId
    target: str
    entries: tuple[Entry, ...]
    redacted: tuple[str, ...] = ()
    mandate: Mandate | None = None


class CursorMoved(msgspec.Struct, frozen=True):
    """The first number that a client name has not acknowledged."""

    network_id: NetworkId
    target: str
    client: str
    number: int
    mandate: Mandate | None = None


class Commit(msgspec.Struct, frozen=True, tag="writer.commit"):
    """Store entries and cursors, all or none.

    A target is created with its first entry or cursor. An entry whose number is not
    after the target's last one is taken as stored and left as it is, so a commit may
    be tried again, also one whose answer was lost. Entries and
    cursors of networks that are gone are dropped, and so are those under a mandate that this node
    has not: it is looked at in the same transaction, and counts until that is durable.
    Answer: :class:`Committed` or :class:`WriteFailed`.
    """

    appends: tuple[Appended, ...]
    cursors: tuple[CursorMoved, ...] = ()
    request: int = 0


class Committed(msgspec.Struct, ToStore, frozen=True, tag="writer.committed"):
    """The commit of this request is durable, but for what came under the mandates that have ``lapsed``."""

    request: int = 0
    lapsed: tuple[Mandate, ...] = ()


class OfUser(msgspec.Struct, frozen=True, kw_only=True):
    """What a user's actor has written does not count if its ``mandate`` does not: the answer is a failure."""

    mandate: Mandate | None = None


class Index(msgspec.Struct, frozen=True, tag="writer.index"):
    """Index up to ``limit`` entries that the search and msgid indexes lack.

    It also puts in order what commits left at the end of the file, and deletes in
    portions what was purged and what belonged to networks that are gone.

    Answer: :class:`Indexed` or :class:`WriteFailed`.
    """

    limit: int
    request: int = 0


class Indexed(msgspec.Struct, ToStore, frozen=True, tag="writer.indexed"):
    """How many entries were indexed; fewer than the limit when none is left."""

    entries: int


class PurgeHistory(OfUser, frozen=True, tag="writer.purge"):
    """Forget the messages of targets below a number each, by name; the numbers are never used again.

    No query finds them from now on; they are deleted by :class:`Index` jobs. Answer:
    :class:`Saved` or :class:`WriteFailed`.
    """

    network_id: NetworkId
    ends: dict[str, int]
    request: int = 0


class ExpireHistory(msgspec.Struct, frozen=True, tag="writer.expire"):
    """Forget the oldest messages of some targets as far as they are from before a time (ms), as :class:`PurgeHistory`.

    A message that came behind a newer one stays as long as that does. ``after`` is the id of the last target that
    was looked at, ``limit`` how many messages are looked at. Answer: :class:`HistoryExpired` or :class:`WriteFailed`.
    """

    before: int
    after: int
    limit: int
    request: int = 0


class HistoryExpired(msgspec.Struct, ToStore, frozen=True, tag="writer.expired"):
    """Where to go on: ``after`` is the last target that needs no further look, None if all have been looked at.

    ``purged`` tells whether there is anything to delete.
    """

    after: int | None
    purged: bool


class WriteFailed(msgspec.Struct, ToStore, ToUser, ToRegistry, frozen=True, tag="writer.failed"):
    """A job of the writer changed nothing.

    ``transient`` failures (full disk, lost connection, locked database) may pass
    and the job be given again; others are told to whoever asked. ``reason`` is a
    sentence for a person. ``request`` is that of the job. ``lapsed``: its mandate does not count here any more.
    ``stale``: what was to be changed is not what it was known to be.
    """

    reason: str
    transient: bool
    request: int = 0
    lapsed: bool = False
    stale: bool = False


class ActFor(msgspec.Struct, frozen=True, tag="writer.act-for"):
    """Write under the mandates that this session has from now on, and no others. No answer.

    Before the first one no mandate counts.
    """

    session: SessionId


class Barrier(msgspec.Struct, frozen=True, tag="writer.barrier"):
    """Nothing to do. Answer: :class:`BarrierPassed`, behind what the writer was given before."""

    request: int


class BarrierPassed(msgspec.Struct, ToLeases, frozen=True, tag="writer.passed"):
    """All that the writer was given before is done."""

    request: int


class Checkpoint(msgspec.Struct, frozen=True, tag="checkpointer.checkpoint"):
    """For the service ``checkpointer``: tidy up behind the commits of the last second. No answer."""


# --- writing settings ------------------------------------------------------


class SaveUser(OfUser, frozen=True, tag="writer.save-user"):
    """Insert (id 0) or update a user. Answer: :class:`Saved` or :class:`WriteFailed`.

    A name that is in use is a failure that is not transient. An update leaves the
    revision as it is: only other processes raise it. Another password raises the generation.
    """

    user: User
    request: int = 0


class UpdateUser(msgspec.Struct, frozen=True, tag="writer.update-user"):
    """Change these fields of a user, all or none. Answer: :class:`Saved` with the user, or :class:`WriteFailed`.

    Other nodes and processes change users, too. So nothing but these fields is written, and only if what is stored
    of them is what ``known`` has, or the same as is to be stored; and ``given`` are further fields that must be as
    they were known. ``absent``: and only if nobody was there since that was known. What fails by that is ``stale``.
    ``revoke`` raises the generation.
    """

    known: User
    changes: Mapping[str, str | bool | int]
    given: tuple[str, ...] = ()
    absent: bool = False
    revoke: bool = False
    request: int = 0


class DeleteUser(OfUser, frozen=True, tag="writer.delete-user"):
    """Delete a user with all that is theirs. Answer: as for :class:`SaveUser`."""

    user_id: UserId
    request: int = 0


class SaveNetwork(OfUser, frozen=True, tag="writer.save-network"):
    """Insert (id 0) or update a network. Answer: :class:`Saved` with its id."""

    network: Network
    request: int = 0


class DeleteNetwork(OfUser, frozen=True, tag="writer.delete-network"):
    """Delete a network with its channels, history and cursors."""

    network_id: NetworkId
    request: int = 0


class SaveChannel(OfUser, frozen=True, tag="writer.save-channel"):
    """Insert or update a channel, by network and name as it is written."""

    channel: Channel
    request: int = 0


class DeleteChannel(OfUser, frozen=True, tag="writer.delete-channel"):
    """Forget a saved channel; its history stays."""

    network_id: NetworkId
    name: str
    request: int = 0


class SaveSts(OfUser, frozen=True, tag="writer.save-sts"):
    """Remember a host's policy in place of an earlier one, or forget it if it expires at 0."""

    policy: StsPolicy
    request: int = 0


class SaveClient(OfUser, frozen=True, tag="writer.save-client"):
    """Make a client name known on a network, with a cursor at the end of each target (RCP-05).

    ``cursors`` gives these ends, as the user actor knows them. A cursor that the name
    has already stays where it is.
    """

    network_id: NetworkId
    client: str
    cursors: dict[str, int]
    request: int = 0


class SaveMarker(OfUser, frozen=True, tag="writer.save-marker"):
    """Move a read marker forward; one that stands further already stays there (row RMK-01)."""

    marker: Marker
    request: int = 0


class SaveFlags(OfUser, frozen=True, tag="writer.save-flags"):
    """Store what the user has noted of a target; what has no flag set is forgotten (row MET-01)."""

    flags: Flags
    request: int = 0


class Saved(msgspec.Struct, ToUser, ToRegistry, frozen=True, tag="writer.saved"):
    """A settings job is durable; ``id`` is that of the record, where it has one.

    ``user`` is what is stored of a user now, where fields of it were changed or its generation was raised.
    """

    request: int
    id: int = 0
    user: User | None = None


# --- reading ---------------------------------------------------------------


class LoadUsers(msgspec.Struct, frozen=True, tag="reader.users"):
    """All users. Answer: :class:`UsersLoaded` or :class:`ReadFailed`."""

    request: int = 0


class UsersLoaded(msgspec.Struct, ToRegistry, frozen=True, tag="reader.users-loaded"):
    """Every user of the database, in order of name, and what they log in with."""

    users: tuple[User, ...]
    request: int = 0
    certificates: tuple[DeviceCertificate, ...] = ()
    passwords: tuple[AppPassword, ...] = ()
    secret: bytes = b""
    """What the salts of SCRAM follow from."""


class LoadSettings(msgspec.Struct, frozen=True, tag="reader.settings"):
    """A user with all settings. Answer: :class:`SettingsLoaded` or :class:`ReadFailed`."""

    user_id: UserId
    request: int = 0


class SettingsLoaded(msgspec.Struct, ToUser, frozen=True, tag="reader.settings-loaded"):
    """What the database holds of a user; None if it holds no such user."""

    settings: UserSettings | None
    request: int = 0


class ReadRange(msgspec.Struct, frozen=True, tag="reader.range"):
    """Entries of a target with ``first <= number < end``, oldest first, at most ``limit``.

    Answer: :class:`RangeRead` or :class:`ReadFailed`.
    """

    network_id: NetworkId
    target: str
    first: int
    end: int
    limit: int
    request: int = 0


class RangeRead(msgspec.Struct, ToBuffer, frozen=True, tag="reader.range-read"):
    """The entries of a range; numbers may be missing where history was deleted."""

    entries: tuple[Entry, ...]
    request: int = 0


class Reference(msgspec.Struct, frozen=True):
    """A point in a target's history: a time in ms since the epoch, or a msgid."""

    time: int | None = None
    msgid: str | None = None


class Direction(Enum):
    """From which end of a range of history messages are taken."""

    OLDEST = "oldest"
    NEWEST = "newest"
    AROUND = "around"


class QueryHistory(msgspec.Struct, frozen=True, tag="reader.history"):
    """Entries of one target between two points, both exclusive; answered oldest first.

    ``OLDEST`` takes the first ``limit`` after ``after``; ``NEWEST`` the last ``limit``
    before ``before``; ``AROUND`` half of them before and half from ``around`` on, which
    is included. None stands for no bound. Where ``after`` lies behind ``before`` they are
    taken the other way round, from the newest on. Messages that got their number after the
    question, ``below`` and larger, are left out, and so are those below ``first``, redacted ones, and
    what ``hidden`` senders say. ``events`` adds what is not PRIVMSG or NOTICE (row HIS-04).
    Spec: https://ircv3.net/specs/extensions/chathistory

    Answer: :class:`HistoryRead` or :class:`ReadFailed`; a msgid that is unknown gives an
    empty answer.
    """

    network_id: NetworkId
    target: str
    limit: int
    direction: Direction
    after: Reference | None = None
    before: Reference | None = None
    around: Reference | None = None
    events: bool = False
    below: int | None = None
    request: int = 0
    first: int = 0
    hidden: Hidden | None = None


class HistoryRead(msgspec.Struct, ToDownstream, frozen=True, tag="reader.history-read"):
    """The entries that a query found, oldest first; ``ended`` if it is known that there are no further ones."""

    entries: tuple[Entry, ...]
    request: int = 0
    ended: bool = False


class QueryTargets(msgspec.Struct, frozen=True, tag="reader.targets"):
    """Targets whose newest PRIVMSG or NOTICE lies between two times (ms, exclusive), but for some.

    The limit is counted from the oldest on, or from the newest. Answer: :class:`TargetsRead` or
    :class:`ReadFailed`.
    """

    network_id: NetworkId
    after: int
    before: int
    limit: int
    request: int = 0
    newest: bool = False
    without: tuple[str, ...] = ()


class TargetsRead(msgspec.Struct, ToDownstream, frozen=True, tag="reader.targets-read"):
    """Names with the time of their newest message in ms, oldest first; ``ended`` if those are all."""

    targets: tuple[tuple[str, int], ...]
    request: int = 0
    ended: bool = False


class QuerySpans(msgspec.Struct, frozen=True, tag="reader.spans"):
    """From when to when PRIVMSG and NOTICE of targets are. Answer: :class:`SpansRead` or :class:`ReadFailed`."""

    network_id: NetworkId
    targets: tuple[str, ...]
    request: int = 0


class SpansRead(msgspec.Struct, ToDownstream, frozen=True, tag="reader.spans-read"):
    """Names with the times of their oldest and newest message in ms; those without any are left out."""

    spans: tuple[tuple[str, int, int], ...]
    request: int = 0


class Search(msgspec.Struct, frozen=True, tag="reader.search"):
    """PRIVMSG and NOTICE of one network whose text has all the words (row SRC-01).

    Entries that the index lacks are found too. Times in ms, exclusive; an empty
    ``target``, ``sender`` or ``text`` does not restrict. Of a target, messages with the number
    ``below`` and larger are left out, and so are those of ``hidden`` senders; where the first matches
    are theirs, there are fewer. Answer: :class:`HistoryRead`, the newest ``limit`` matches, or the
    ``oldest`` ones, oldest first, or :class:`ReadFailed`.
    """

    network_id: NetworkId
    target: str = ""
    sender: str = ""
    text: str = ""
    after: int | None = None
    before: int | None = None
    limit: int = 100
    request: int = 0
    oldest: bool = False
    below: int | None = None
    hidden: Hidden | None = None


class ReadFailed(msgspec.Struct, ToBuffer, ToDownstream, ToRegistry, ToUser, frozen=True, tag="reader.failed"):
    """A query could not be answered; ``reason`` is a sentence for a person."""

    reason: str
    request: int = 0
