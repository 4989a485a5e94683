"""When users were last there and credentials last used: noted at once, stored together a little later."""

from dataclasses import dataclass, field

from soju_actors.ports.credentials import NoteUses, Use


@dataclass(slots=True)
class Uses:
    """What is to be stored; of each only the last use."""

    users: dict[int, Use] = field(default_factory=dict)
    certificates: dict[int, Use] = field(default_factory=dict)
    passwords: dict[int, Use] = field(default_factory=dict)
    waiting: bool = False
    """An alarm is set to store it."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.users or self.certificates or self.passwords)

    def take(self) -> NoteUses:
        """Return the job that stores it, and begin anew."""
        job = NoteUses(tuple(self.users.values()), tuple(self.certificates.values()), tuple(self.passwords.values()))
        self.users, self.certificates, self.passwords = {}, {}, {}
        return job
