"""What the user is called on a network: its own settings, or the user's usual ones (row USR-10)."""

from soju_actors.model.records import Network
from soju_actors.user.state import UserState


def nick_for(user: UserState, record: Network) -> str:
    """Return the nick to ask for."""
    return record.nick or user.record.nick or user.record.name


def username_for(user: UserState, record: Network) -> str:
    """Return the username to register with."""
    return record.username or nick_for(user, record)


def realname_for(user: UserState, record: Network) -> str:
    """Return the realname to register with."""
    return record.realname or user.record.realname or nick_for(user, record)
