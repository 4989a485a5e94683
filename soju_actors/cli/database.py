"""Working on the database beside a bouncer that may be running."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from soju_actors.cli.failure import Failure
from soju_actors.config import Config
from soju_actors.model.records import User
from soju_actors.ports.database import LoadUsers, ReadFailed, UsersLoaded, WriteFailed

if TYPE_CHECKING:
    from soju_actors.adapters.database import Database


@contextmanager
def opened(config: Config) -> "Iterator[Database]":
    """The database of a configuration, made if there is none.

    Raises:
        Failure: it cannot be used, or a job in it failed.
    """
    from soju_actors.adapters.database import DatabaseError, open_database  # noqa: PLC0415 - most commands do without

    try:
        Path(config.data_dir).mkdir(parents=True, exist_ok=True)
        database = open_database(config.database.url, Path(config.data_dir))
        try:
            database.prepare()
            yield database
        finally:
            database.close()
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    except DatabaseError as error:
        raise Failure(str(error)) from None


def write(database: "Database", job: msgspec.Struct) -> Any:  # noqa: ANN401 - the answer to the job
    """Do one job of the writer.

    Raises:
        Failure: it could not be done.
    """
    answer = database.writer().perform(job)
    if isinstance(answer, WriteFailed):
        raise Failure(answer.reason)
    return answer


def load_users(database: "Database") -> tuple[User, ...]:
    """All users, in order of name."""
    answer = database.reader().perform(LoadUsers())
    if isinstance(answer, ReadFailed):
        raise Failure(answer.reason)
    assert isinstance(answer, UsersLoaded)  # noqa: S101 - there is no third answer
    return answer.users


def find_user(database: "Database", name: str) -> User:
    """The user of a name.

    Raises:
        Failure: there is none.
    """
    for user in load_users(database):
        if user.name == name:
            return user
    raise Failure(f"there is no user {name!r}")
