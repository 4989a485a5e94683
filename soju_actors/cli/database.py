"""Working on the database, beside a bouncer that may be running."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from soju_actors.cli.failure import Failure
from soju_actors.config import Config
from soju_actors.model.records import User
from soju_actors.ports.database import LoadUsers, ReadFailed, UsersLoaded

if TYPE_CHECKING:
    from soju_actors.adapters.database import Database


@contextmanager
def opened(config: Config) -> "Iterator[Database]":
    """The database of a configuration, made if there is none.

    Raises:
        Failure: it cannot be used, or what was done within failed.
    """
    from soju_actors.adapters.database import DatabaseError, open_database  # noqa: PLC0415 - most commands do without

    try:
        with closing(open_database(config.database.url, Path(config.data_dir))) as database:
            database.prepare()
            yield database
    except DatabaseError as error:
        raise Failure(str(error)) from None


def load_users(database: "Database") -> tuple[User, ...]:
    """All users, in order of name.

    Raises:
        Failure: the database does not tell.
    """
    with closing(database.reader()) as reader:
        match reader.perform(LoadUsers()):
            case UsersLoaded(users):
                return users
            case ReadFailed(reason):
                raise Failure(reason)
            case answer:
                raise TypeError(f"no answer to LoadUsers: {answer}")


def find_user(database: "Database", name: str) -> User:
    """The user of a name.

    Raises:
        Failure: there is none.
    """
    for user in load_users(database):
        if user.name == name:
            return user
    raise Failure(f"there is no user named {name}")
