"""Working on the database, beside a bouncer that may be running."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from soju_actors.cli.failure import Failure
from soju_actors.config import Config
from soju_actors.irc.sasl.scram import iterations_for, salt_for
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
    return _load(database).users


def _load(database: "Database") -> UsersLoaded:
    with closing(database.reader()) as reader:
        match reader.perform(LoadUsers()):
            case UsersLoaded() as loaded:
                return loaded
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


def with_password(user: User, password: str, database: "Database", config: Config) -> User:
    """The user with another password.

    Raises:
        Failure: the database does not tell what SCRAM needs.
    """
    from soju_actors.adapters.passwords import credentials_of  # noqa: PLC0415 - most commands do without

    loaded = _load(database)
    kept = (other.scram for other in loaded.passwords if user.id and other.user_id == user.id)
    iterations = iterations_for(kept, config.accounts.scram_iterations)
    password_hash, scram = credentials_of(password, salt_for(loaded.secret, user.name), iterations)
    return replace(user, password_hash=password_hash, scram=scram)
