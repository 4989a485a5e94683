"""A connection between two nodes: TLS, two words of each side, then frames.

Whatever is sent has its length in four bytes before it.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from actors.bases.node.peers.complaints import Complaints
from actors.bases.node.peers.trust import DISTRUSTS, Trust, TrustError, describe, is_final
from actors.cluster.hello import (
    MOST_BYTES,
    Hello,
    Refusal,
    Welcome,
    decode_greeting,
    decode_welcome,
    encode_greeting,
    find_refusal,
    is_itself,
    judge,
)
from actors.cluster.identity import Identity
from actors.cluster.session import MESSAGE_MOST, Session
from actors.link import format_address

log = logging.getLogger(__name__)

GREETING_MOST = 10.0
"""Seconds from the end of the TLS handshake to the first frame."""
BEFORE_FRAMES = MOST_BYTES + 16
FRAME_BYTES_MOST = MESSAGE_MOST + 512 * 1024
"""Bytes of a frame: of one that is as large as an envelope may be, and its own."""
HEADER = 4
UNREAD_MOST = 32 * 1024 * 1024
"""Bytes that may wait for a peer to read them: several times what a session sends unasked."""


class Membership(Protocol):
    """What a connection asks of the node that it belongs to."""

    trust: Trust
    complaints: Complaints

    def hello(self) -> Hello:
        """Return what this node says first."""

    def now(self) -> float:
        """Return the Unix time."""

    def incarnations(self) -> dict[str, int]:
        """Return those of the peers that are connected."""

    def welcome(self, peer: str) -> Welcome:
        """Return what a peer that is let in is told."""

    def admit(self, connection: "PeerConnection", ours: Welcome, theirs: Welcome) -> Session | None:
        """Return the session that a connection now carries, or None if it does not."""

    def ended(self, connection: "PeerConnection") -> None:
        """A connection is gone."""


class PeerConnection(asyncio.Protocol):
    """One connection. It is told by :attr:`dialed` which side made it."""

    def __init__(self, node: Membership, *, dialed: bool) -> None:
        self.dialed = dialed
        self.peer: Hello | None = None
        """What the other side says of itself, once it is believed."""
        self.why = ""
        """Why it has ended."""
        self.refusal = ""
        """Why the two nodes do not go together, if they do not."""
        self.final = False
        """The peer says that the certificate of this node counts no more."""
        self.ended = asyncio.get_running_loop().create_future()
        self._node = node
        self._transport: asyncio.Transport | None = None
        self._remote = ""
        self._certified: Identity | None = None
        self._certificate = b""
        """Of the peer, DER."""
        self._buffer = bytearray()
        self._take: Callable[[memoryview], None] = self._hello
        self._most = BEFORE_FRAMES
        self._ours: Welcome | None = None
        self._session: Session | None = None
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        """Whether it has been made and not ended."""
        return self._transport is not None

    def __str__(self) -> str:
        """Return who is at the other end."""
        return f"node {self.peer.node} at {self._remote}" if self.peer is not None else self._remote

    # What asyncio says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done: say the first word."""
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self._remote = format_address(name[0], name[1]) if isinstance(name, tuple) else str(name)
        tls = cast(ssl.SSLObject, transport.get_extra_info("ssl_object"))
        self._certificate = tls.getpeercert(binary_form=True) or b""
        try:
            self._certified = self._node.trust.identity(tls)
        except TrustError as error:
            self._refuse(str(error))
            return
        self._deadline = asyncio.get_running_loop().call_later(GREETING_MOST, self._hang_up, "it says nothing")
        self.write(encode_greeting(self._node.hello()))
        self.data_received(b"")

    def data_received(self, data: bytes) -> None:
        """Take what has come whole."""
        if self._session is not None:
            self._session.hear()
        if self._buffer:
            self._buffer += data
            data = bytes(self._buffer)
            self._buffer.clear()
        try:
            rest = self._take_frames(data)
        except ValueError as error:
            self._refuse(str(error))
        else:
            self._buffer += rest

    def _take_frames(self, data: bytes) -> memoryview:
        """Take the frames that have come whole; return the rest.

        Raises:
            ValueError: the peer has said what it may not.
        """
        view = memoryview(data)
        start, end = 0, len(data)
        while end - start >= HEADER and self._transport is not None:
            size = int.from_bytes(view[start : start + HEADER], "big")
            if size > self._most:
                raise ValueError(f"{size} bytes at once are more than {self._most}")
            if end - start < HEADER + size:
                break
            start += HEADER + size
            self._take(view[start - size : start])
        return view[start:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for it."""
        if self._deadline is not None:
            self._deadline.cancel()
        open_here, self._transport = self._transport is not None, None
        if not self.why and (exc is not None or (open_here and self.dialed and self.peer is None)):
            self.why = describe(exc) if exc is not None else f"it has hung up without a word, {DISTRUSTS}"
            if self.dialed and exc is not None and is_final(exc):
                self.refusal, self.final = self.why, True
            if self.peer is None and self._remote:  # else there was no handshake, and who waited for it says so
                self._node.complaints.tell(logging.ERROR, str(self), "does not go on", self.why)
        if self._session is not None and self._session.connection is self:
            self._session.connection = None
        self._node.ended(self)
        if not self.ended.done():
            self.ended.set_result(None)

    # What is said.

    def write(self, frame: bytes) -> None:
        """Send a frame."""
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size() > UNREAD_MOST:
            self._give_up("it does not read what it is sent")
            return
        transport.write(len(frame).to_bytes(HEADER, "big") + frame)

    def close(self) -> None:
        """End it when what was written is sent; nothing more is taken."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _hang_up(self, reason: str, *, final: bool = False) -> None:
        self._node.complaints.tell(logging.ERROR, str(self), "is refused", reason)
        self.why = reason
        said = "".join(filter(str.isprintable, reason))[:1000] or "it is refused"
        self.write(encode_greeting(Refusal(said, final)))
        self.close()

    def _refuse(self, reason: str) -> None:
        """Say why, and end it: the two do not go together."""
        self.refusal = reason
        self._hang_up(reason)

    def look_again(self, trust: Trust) -> str:
        """Judge the certificate of the peer by other keys; end the connection, and say why, if it counts no more."""
        objection = trust.objection(self._certificate) if self._certificate else ""
        if objection:
            self.refusal = objection
            self._hang_up(objection, final=True)
        return objection

    def _give_up(self, reason: str) -> None:
        log.error("%s is given up: %s", self, reason)
        self.abort(reason)

    def abort(self, reason: str) -> None:
        """End it at once: a peer that does not answer would be waited for, and not be dialed meanwhile."""
        self.why = reason
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _refused(self, refusal: Refusal) -> None:
        self._node.complaints.tell(logging.ERROR, str(self), "refuses this node", refusal.reason)
        self.why = self.refusal = refusal.reason
        self.final = refusal.final
        self.close()

    # What is heard.

    def _hello(self, data: memoryview) -> None:
        greeting = decode_greeting(data)
        if isinstance(greeting, Refusal):
            self._refused(greeting)
            return
        assert self._certified is not None  # noqa: S101 - for the type checker
        node = self._node
        if is_itself(greeting, node.hello()):
            self.peer = greeting  # this node itself, by another address of its own
            self.close()
            return
        refusal = judge(greeting, self._certified, node.hello(), node.now(), node.incarnations())
        if refusal is not None:
            self._refuse(refusal.reason)
            return
        self.peer = greeting
        self._ours = node.welcome(greeting.node)
        self._take = self._welcome
        self.write(encode_greeting(self._ours))

    def _welcome(self, data: memoryview) -> None:
        theirs = decode_welcome(data)
        if isinstance(theirs, Refusal):
            self._refused(theirs)
            return
        assert self._ours is not None  # noqa: S101 - for the type checker
        session = self._node.admit(self, self._ours, theirs)
        if session is None:
            self.close()
            return
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._session = session
        self._most = FRAME_BYTES_MOST
        self._take = self._frame
        session.resume(self, theirs.received)

    def _frame(self, data: memoryview) -> None:
        session = self._session
        assert session is not None  # noqa: S101 - for the type checker
        refusal = find_refusal(data)
        if refusal is not None:
            self._refused(refusal)
        else:
            session.take(data)
