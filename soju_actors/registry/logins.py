"""What logins wait for: a storm of one user's clients costs one hash, guessing is slowed down."""

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field

from actors import Ref
from soju_actors.messages.logins import AskScram, CertificateLogin, Login, ScramLogin
from soju_actors.model.credentials import AppPasswordId
from soju_actors.ports.protocols import ToDownstream

REMEMBERED = 60.0
"""Seconds for which a password that was right need not be hashed again."""
MOST_ADDRESSES = 10_000

LoginRequest = Login | CertificateLogin | AskScram | ScramLogin


@dataclass(slots=True)
class Waiting:
    """A connection that waits for its login."""

    client: Ref[ToDownstream]
    name: str
    remote: str
    """The host that it comes from."""
    on_behalf_of: str
    named: str = ""
    """The login that stood in front of the password."""
    credential: str = ""
    """What it has proved to have, other than the user's own password."""
    proof: str = ""
    """The server's own proof, of SCRAM."""
    generation: int | None = None
    """That of the user's logins when the password began to be checked."""


@dataclass(slots=True)
class Check:
    """A password that is being hashed, for all who wait for it."""

    key: bytes
    name: str
    password: str = field(repr=False)
    password_hash: str = field(repr=False)
    waiting: list[Waiting] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Upgrade:
    """A verifier that is being made because there is none: of a user's password, or of one for a client."""

    name: str
    password: str = field(repr=False)
    password_hash: str = ""
    app_password: AppPasswordId | None = None


@dataclass(slots=True)
class Passwords:
    """Which passwords were right a moment ago; kept as keyed digests alone."""

    secret: bytes
    _right: dict[bytes, float] = field(default_factory=dict)
    """Until when each is remembered, oldest first."""

    def key(self, name: str, password: str, password_hash: str) -> bytes:
        """Return the digest for a user's password and hash; a changed hash makes another one."""
        text = f"{name}\0{password}\0{password_hash}".encode("utf-8", "surrogateescape")
        return hmac.new(self.secret, text, hashlib.sha256).digest()

    def is_right(self, key: bytes, now: float) -> bool:
        """Whether this password was right a moment ago."""
        for old, until in list(self._right.items()):
            if until > now:
                break
            del self._right[old]
        return key in self._right

    def remember(self, key: bytes, now: float) -> None:
        """Note that this password is right."""
        self._right.pop(key, None)
        self._right[key] = now + REMEMBERED


@dataclass(slots=True)
class Throttle:
    """Counts failed logins by address; too many within a time close the door for the rest of it."""

    failures: int
    within: float
    _times: dict[str, deque[float]] = field(default_factory=dict)

    def wait(self, address: str, now: float) -> float:
        """Return for how many seconds this address may not log in."""
        times = self._times.get(address)
        while times and times[0] <= now - self.within:
            times.popleft()
        if not times:
            self._times.pop(address, None)
            return 0.0
        return times[0] + self.within - now if len(times) >= self.failures else 0.0

    def failed(self, address: str, now: float) -> None:
        """Note a failed login."""
        if len(self._times) >= MOST_ADDRESSES and address not in self._times:
            del self._times[next(iter(self._times))]
        self._times.setdefault(address, deque()).append(now)


@dataclass(slots=True)
class Desk:
    """All logins on their way."""

    passwords: Passwords
    throttle: Throttle
    failed: list[str] = field(default_factory=list)
    """Addresses from which logins failed here, of which other nodes are to be told."""
    checks: dict[int, Check] = field(default_factory=dict)
    """Passwords that are being hashed, by request."""
    early: list[tuple[LoginRequest, Ref[ToDownstream]]] = field(default_factory=list)
    """Logins that came before the users were there."""
    reviving: dict[str, list[Waiting]] = field(default_factory=dict)
    """Those whose account is being enabled for it (row CFG-19), by user."""
    upgrades: dict[int, Upgrade] = field(default_factory=dict)
    """By request."""
    unfit: set[str] = field(default_factory=set)
    """Hashes of passwords that SCRAM cannot carry: no verifier is made for them again and again."""
