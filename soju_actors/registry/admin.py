"""What admins ask of the registry (rows SVC-19 to SVC-25)."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from actors import Ref, Turn
from soju_actors import __version__
from soju_actors.irc.sasl.scram import iterations_for, salt_for
from soju_actors.messages.registry import (
    AddUser,
    AdminDone,
    ChangeUser,
    ListUsers,
    RemoveUser,
    ReportStatus,
    RunAs,
    UserCounts,
)
from soju_actors.messages.user import RunCommand
from soju_actors.model.records import User
from soju_actors.ports.database import DeleteUser, Saved, SaveUser, UpdateUser
from soju_actors.ports.passwords import HashPassword, PasswordHashed
from soju_actors.registry.state import Asked, RegistryState
from soju_actors.service.replies import aligned
from soju_actors.service.values import counted, format_duration

UNSURE = "the user does not run at the moment, so this may have been done or not: try again in some seconds"
UNASKED = -1
"""The request of a job that nobody waits for."""
MOST_LISTED = 50
"""Users in one list (row LIM-23)."""
NOT_IN_NAMES = frozenset(" /@:\0\r\n")


def ask(state: RegistryState, asker: Ref[Any] | None, request: int, kind: str) -> int:
    """Note who gets the answer; return the number of the job."""
    number = state.new_request()
    state.asked[number] = Asked(asker, request, kind)
    return number


def finish(state: RegistryState, number: int, answer: AdminDone, turn: Turn) -> Asked | None:
    """Give an answer to who waits for it."""
    asked = state.asked.pop(number, None)
    if asked is not None and asked.asker is not None:
        turn.send(asked.asker, msgspec.structs.replace(answer, request=asked.request))
    return asked


def answer(turn: Turn, done: AdminDone) -> None:
    """Answer the sender at once."""
    if turn.sender is not None:
        turn.send(turn.sender, done)


def write(state: RegistryState, job: Any, turn: Turn) -> None:  # noqa: ANN401 - the jobs of the writer
    """Give the writer a job, and remember that what is being read now may be old when it comes."""
    state.writes += 1
    turn.perform("writer", job)


def newest(state: RegistryState, name: str) -> User:
    """Return a user as it will be when all that is being stored is; a change of less would undo that."""
    for asked in reversed(state.asked.values()):
        if asked.storing and asked.user is not None and asked.user.name == name:
            return asked.user
    return state.users[name].user


def store(state: RegistryState, asked: Asked, turn: Turn) -> None:
    """Store a user with what is changed."""
    if asked.user is None:
        raise ValueError(f"{asked.kind} was given no user")
    number = state.new_request()
    _store(state, number, asked, turn)


def _store(state: RegistryState, number: int, asked: Asked, turn: Turn) -> None:
    user = asked.user
    if user is None:
        return
    if asked.kind != "add":
        if user.name not in state.users:
            finish(state, number, AdminDone(0, error="the user was deleted meanwhile"), turn)
            return
        user = newest(state, user.name)
    changed = msgspec.structs.replace(user, **asked.changes)
    state.asked.pop(number, None)
    state.asked[number] = replace(asked, user=changed, storing=True)
    if asked.kind == "add":
        write(state, SaveUser(changed, number), turn)
        return
    job = UpdateUser(user, asked.changes, asked.given, absent=asked.absent, revoke=asked.revoke, request=number)
    write(state, job, turn)


def add_user(state: RegistryState, msg: AddUser, turn: Turn) -> None:
    """Create a user, if the name can be one and is free."""
    name = msg.user.name
    if not name or set(name) & NOT_IN_NAMES:
        answer(turn, AdminDone(msg.request, error=f"{name!r} is no user name: no space, /, @ or :"))
    elif name in state.users:
        answer(turn, AdminDone(msg.request, error=f"There is a user {name!r} already"))
    else:
        user = msgspec.structs.replace(msg.user, created_at=turn.wall)
        _hash_or_store(state, Asked(turn.sender, msg.request, "add", user), msg.password, turn)


def change_user(state: RegistryState, msg: ChangeUser, turn: Turn) -> None:
    """Change what is given; a new password closes the user's clients (row SVC-21)."""
    known = state.users.get(msg.name)
    if known is None:
        answer(turn, AdminDone(msg.request, error=f"There is no user {msg.name!r}"))
        return
    fields = ("admin", "enabled", "nick", "realname", "max_networks")
    changes = {name: value for name in fields if (value := getattr(msg, name)) is not None}
    if msg.disable_password:
        changes |= {"password_hash": "", "scram": ""}
    revoke = msg.password is not None or msg.disable_password
    asked = Asked(turn.sender, msg.request, "change", known.user, changes, revoke=revoke)
    _hash_or_store(state, asked, msg.password, turn)


def remove_user(state: RegistryState, msg: RemoveUser, secret: bytes, turn: Turn) -> None:
    """Delete a user with all that is theirs, if the token confirms it."""
    known = state.users.get(msg.name)
    if known is None:
        answer(turn, AdminDone(msg.request, error=f"There is no user {msg.name!r}"))
        return
    token = _token(known.user, secret)
    if not msg.token:
        warning = f"This deletes the user {msg.name} with all networks and history, for ever."
        answer(turn, AdminDone(msg.request, (warning, f"If you mean it, say: user delete {msg.name} {token}")))
        return
    if not hmac.compare_digest(msg.token.encode(errors="surrogateescape"), token.encode()):
        answer(turn, AdminDone(msg.request, error="That is not the token: leave it out to be told"))
        return
    number = state.new_request()
    state.asked[number] = Asked(turn.sender, msg.request, "delete", known.user)
    write(state, DeleteUser(known.user.id, number), turn)


def _token(user: User, secret: bytes) -> str:
    """Return what confirms the deletion of a user: known only to who was told, and until the next start."""
    return hmac.new(secret, f"delete {user.id} {user.name}".encode(errors="surrogateescape"), "sha256").hexdigest()[:8]


def _hash_or_store(state: RegistryState, asked: Asked, password: str | None, turn: Turn) -> None:
    if password is None or asked.user is None:
        store(state, asked, turn)
        return
    user = asked.user
    kept = (own.scram for own in state.credentials.passwords.of(user.id) if user.id)
    iterations = iterations_for(kept, state.settings.accounts.scram_iterations)
    number = state.new_request()
    state.asked[number] = asked
    turn.perform("hasher", HashPassword(password, number, salt_for(state.secret, user.name), iterations))


def password_hashed(state: RegistryState, msg: PasswordHashed, turn: Turn) -> None:
    """Store the user that waits for its hash."""
    asked = state.asked.get(msg.request)
    if asked is not None:
        changes = {**asked.changes, "password_hash": msg.password_hash, "scram": msg.scram}
        _store(state, msg.request, replace(asked, changes=changes), turn)


def saved(state: RegistryState, msg: Saved, turn: Turn) -> Asked | None:
    """Tell who asked that a user is stored, or deleted; return what was asked, with the user as it is now."""
    asked = state.asked.get(msg.request)
    if asked is None or asked.user is None:
        return None
    user = msg.user or asked.user
    if asked.kind == "add":
        user = msgspec.structs.replace(asked.user, id=msg.id)
    done = {"add": "created", "delete": "deleted"}.get(asked.kind, "updated")
    finish(state, msg.request, AdminDone(0, (f"User {user.name} was {done}",)), turn)
    return replace(asked, user=user)


def run_as(state: RegistryState, msg: RunAs, turn: Turn) -> None:
    """Pass a command to another user's actor, which answers, unless it ends before."""
    known = state.users.get(msg.name)
    if known is None:
        answer(turn, AdminDone(msg.request, error=f"There is no user {msg.name!r}"))
        return
    number = state.new_request()
    state.asked[number] = Asked(turn.sender, msg.request, "run", known.user, runner=known.ref)
    turn.watch(known.ref)
    turn.send(known.ref, RunCommand(msg.text, number))


def has_run(state: RegistryState, msg: AdminDone, turn: Turn) -> None:
    """Pass on what a command that ran as another user has brought."""
    asked = finish(state, msg.request, msg, turn)
    if asked is not None and asked.runner is not None and not _run_by(state, asked.runner):
        turn.unwatch(asked.runner)


def has_ended(state: RegistryState, runner: Ref[Any], turn: Turn) -> None:
    """A user's actor has ended, or there was none: nobody answers what it was to run."""
    for number in _run_by(state, runner):
        finish(state, number, AdminDone(0, error=UNSURE), turn)


def _run_by(state: RegistryState, runner: Ref[Any]) -> list[int]:
    return [number for number, asked in state.asked.items() if asked.runner == runner]


def list_users(state: RegistryState, msg: ListUsers, counts: Mapping[str, UserCounts], now: float) -> AdminDone:
    """List users with what they have, or tell all of one (row SVC-19)."""
    names = [msg.name] if msg.name else sorted(state.users)
    if msg.name and msg.name not in state.users:
        return AdminDone(msg.request, error=f"There is no user {msg.name!r}")
    lines = list(aligned([_row(state.users[name].user, counts[name]) for name in names[:MOST_LISTED]]))
    if msg.name:
        lines += _details(state.users[msg.name].user, now)
    if len(names) > MOST_LISTED:
        lines.append(f"... and {len(names) - MOST_LISTED} more; name one to see it")
    return AdminDone(msg.request, tuple(lines))


def _row(user: User, counts: UserCounts) -> tuple[str, str]:
    there = [
        *(["admin"] if user.admin else []),
        *([] if user.enabled else ["disabled"]),
        *([] if user.password_hash else ["no password"]),
        f"{counts.connected} of {counted(counts.networks, 'network')} connected",
        counted(counts.clients, "client"),
    ]
    return user.name, ", ".join(there)


def _details(user: User, now: float) -> list[str]:
    rows = [
        ("nick", user.nick or user.name),
        ("realname", user.realname or user.nick or user.name),
        ("networks", "as many as the server allows" if user.max_networks < 0 else f"{user.max_networks} at most"),
        *([("created", f"{format_duration(now - user.created_at)} ago")] if user.created_at else []),
    ]
    return [f"  {row}" for row in aligned(rows)]


def report_status(
    state: RegistryState, msg: ReportStatus, of_users: Mapping[str, UserCounts], nodes: tuple[str, ...], now: float
) -> AdminDone:
    """Count users, clients, networks and channels (row SVC-24), in a cluster those of all nodes."""
    counts = of_users.values()
    disabled = sum(not known.user.enabled for known in state.users.values())
    users = f"{counted(len(state.users), 'user')}{f' ({disabled} disabled)' if disabled else ''}"
    networks = counted(sum(c.networks for c in counts), "network")
    channels = counted(sum(c.channels for c in counts), "saved channel")
    lines = (
        f"soju-actors {__version__}, {'this node ' if nodes else ''}up for {format_duration(now - state.since)}",
        *([f"{counted(len(nodes), 'node')}: {', '.join(nodes)}"] if nodes else []),
        f"{users}, {counted(sum(c.clients for c in counts), 'client')}",
        f"{sum(c.connected for c in counts)} of {networks} connected, {channels}",
    )
    return AdminDone(msg.request, lines)
