"""How storage fails."""


class DatabaseError(Exception):
    """The database cannot be used; the text is a sentence for the operator."""


class StorageError(Exception):
    """A job failed and changed nothing.

    Attributes:
        reason: a sentence for a person.
        detail: what the database said, for the operator alone: it may name hosts, files and roles.
        transient: whether the same job may succeed later.
    """

    def __init__(self, reason: str, detail: str = "", *, transient: bool) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.transient = transient


class ConflictError(StorageError):
    """What was to be stored contradicts what is stored.

    Attributes:
        duplicate: whether something of that name exists; else what it belongs to does not.
    """

    def __init__(self, reason: str, *, duplicate: bool) -> None:
        super().__init__(reason, transient=False)
        self.duplicate = duplicate


class StaleError(StorageError):
    """What was to be changed is not what it was known to be."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, transient=False)


class LapsedError(StorageError):
    """Another node acts for the user by now, or may do so at any time."""

    def __init__(self) -> None:
        super().__init__("the user is on another node", transient=False)
