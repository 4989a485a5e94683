"""Certificates and passwords for clients, as logins look for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from soju_actors.model.credentials import AppPassword, DeviceCertificate
from soju_actors.model.records import UserId


class Owned(Protocol):
    """A record of one user's."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def user_id(self) -> UserId:
        """Whose it is."""


T = TypeVar("T", bound=Owned)


@dataclass(slots=True)
class Kept(Generic[T]):
    """Records by what a login shows, and by user."""

    _found: dict[str, T] = field(default_factory=dict)
    _theirs: dict[UserId, dict[str, T]] = field(default_factory=dict)

    def find(self, key: str) -> T | None:
        """Return the record that a login shows the key of."""
        return self._found.get(key)

    def of(self, user_id: UserId) -> tuple[T, ...]:
        """Return a user's records, oldest first."""
        return tuple(self._theirs.get(user_id, {}).values())

    def put(self, key: str, record: T) -> None:
        """Add a record, or replace it."""
        self._found[key] = record
        self._theirs.setdefault(record.user_id, {})[key] = record

    def remove(self, key: str) -> None:
        """Forget a record, if it is there."""
        record = self._found.pop(key, None)
        if record is not None:
            theirs = self._theirs[record.user_id]
            del theirs[key]
            if not theirs:
                del self._theirs[record.user_id]

    def __iter__(self) -> Iterator[T]:
        """All records."""
        return iter(self._found.values())


@dataclass(slots=True)
class Credentials:
    """Certificates by fingerprint, and passwords for clients by digest."""

    certificates: Kept[DeviceCertificate] = field(default_factory=Kept)
    passwords: Kept[AppPassword] = field(default_factory=Kept)

    def load(self, certificates: Iterable[DeviceCertificate], passwords: Iterable[AppPassword]) -> None:
        """Take over what is stored in place of what was known."""
        self.certificates, self.passwords = Kept(), Kept()
        for certificate in certificates:
            self.put(certificate)
        for password in passwords:
            self.put(password)

    def put(self, record: DeviceCertificate | AppPassword) -> None:
        """Add a record, or replace it."""
        if isinstance(record, DeviceCertificate):
            self.certificates.put(record.fingerprint, record)
        else:
            self.passwords.put(record.digest, record)

    def remove(self, record: DeviceCertificate | AppPassword) -> None:
        """Forget a record, if it is there."""
        if isinstance(record, DeviceCertificate):
            self.certificates.remove(record.fingerprint)
        else:
            self.passwords.remove(record.digest)

    def forget(self, user_id: UserId) -> None:
        """Forget all that a user has."""
        for certificate in self.certificates.of(user_id):
            self.remove(certificate)
        for password in self.passwords.of(user_id):
            self.remove(password)

    def names(self) -> dict[str, UserId]:
        """Return what clients may have logged in with, and whose it is."""
        return {name_of(record): record.user_id for record in (*self.certificates, *self.passwords)}


def name_of(record: DeviceCertificate | AppPassword) -> str:
    """Return the name that says which credential a client has logged in with."""
    kind = "certificate" if isinstance(record, DeviceCertificate) else "password"
    return f"{kind} {record.id}"
