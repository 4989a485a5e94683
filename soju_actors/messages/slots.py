"""What a user actor puts into the outbox of a client, in the order in which the client gets it.

A slot is lines, or a *ticket*: a promise that lines come from elsewhere, which
holds back what stands behind it. The order of a client's lines is therefore the
user actor's, wherever the lines come from.
"""

import msgspec

from soju_actors.ports.database import QueryHistory, QuerySpans, QueryTargets, Search


class Lines(msgspec.Struct, frozen=True, tag="lines"):
    """Lines from the user actor itself: raw, with all tags, without CRLF."""

    lines: tuple[str, ...]


class Ticket(msgspec.Struct, frozen=True, tag="ticket"):
    """The next messages of one channel buffer: so many of them.

    A negative count takes messages without showing them: the client's own without
    echo-message, and events whose line follows in :class:`Lines`, which must not be
    shown before they are stored.
    """

    buffer: int
    count: int


class Skipped(msgspec.Struct, frozen=True, tag="skipped"):
    """The next messages of one channel buffer, which the client is not shown and does not count as having received.

    Its cursor moves past them only with what it is shown later (row RCP-11).
    """

    buffer: int
    count: int


class Interleaved(msgspec.Struct, frozen=True, tag="interleaved"):
    """The next messages of several channel buffers, one by one.

    Each key stands for one message of that buffer; negative, for one that is not shown.
    """

    keys: tuple[int, ...]


class Backlog(msgspec.Struct, frozen=True, tag="backlog"):
    """What a buffer holds for this client up to number ``end``, as a history batch (row RCP-07)."""

    buffer: int
    end: int
    target: str


class Wait(msgspec.Struct, frozen=True, tag="wait"):
    """What comes behind this is shown when a buffer's messages below number ``end`` are stored.

    It stands for messages that the client gets no ticket for: those of a detached channel.
    """

    buffer: int
    end: int


class Question(msgspec.Struct, frozen=True, tag="question"):
    """The answer to a query of history, which the downstream asks for by itself.

    ``target`` is the batch's parameter, empty for none; it is named in a FAIL reply, behind the ``command``
    and the ``subcommand``. ``kind`` is the batch's type; one for :attr:`quiet` questions is left out if it is empty.
    """

    query: QueryHistory | QueryTargets | QuerySpans | Search
    command: str
    target: str = ""
    subcommand: str = ""
    kind: str = "chathistory"
    quiet: bool = False


Part = Lines | Ticket | Skipped | Interleaved | Backlog | Wait | Question


class Labelled(msgspec.Struct, frozen=True, tag="labelled"):
    """A part of the answer to a command that the client has given a label.

    All parts with the same ``frame`` are one answer, and ``done`` is its end. What
    there is for the client then decides how it gets the label: nothing is an ACK, one
    line has it, several are a batch that has it.

    Spec: https://ircv3.net/specs/extensions/labeled-response
    """

    frame: int
    label: str
    parts: tuple[Part, ...]
    done: bool


Slot = Part | Labelled
