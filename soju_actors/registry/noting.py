"""Noting who was there, and closing accounts that nobody uses (rows PRE-05, CFG-17, OPS-15)."""

import logging

from msgspec.structs import replace

from actors import Turn
from soju_actors.messages.logins import LookForInactive, NoteUsesNow
from soju_actors.model.credentials import AppPassword, DeviceCertificate
from soju_actors.model.records import UserId
from soju_actors.ports.credentials import NoteUses, Use
from soju_actors.registry import admin
from soju_actors.registry.state import Asked, Known, RegistryState

log = logging.getLogger(__name__)

SOON = 5.0
"""Seconds from a use to when it is stored, with what else is used until then."""
SEEN_EVERY = 3600.0
"""Seconds within which it is not stored again that a user is there."""
LOOK_EVERY = 4 * 3600.0
"""Seconds between two looks for users who are not (row LIM-27)."""


def app_password_used(state: RegistryState, own: AppPassword, address: str, turn: Turn) -> None:
    """Note that a client has logged in with its password."""
    own = replace(own, last_used=turn.wall, last_address=address)
    state.credentials.put(own)
    state.uses.passwords[own.id] = Use(own.id, turn.wall, address)
    _store_soon(state, turn)


def certificate_used(state: RegistryState, certificate: DeviceCertificate, address: str, turn: Turn) -> None:
    """Note that a client has logged in with its certificate (row PRE-05)."""
    certificate = replace(certificate, last_used=turn.wall, last_address=address)
    state.credentials.put(certificate)
    state.uses.certificates[certificate.id] = Use(certificate.id, turn.wall, address)
    _store_soon(state, turn)


def user_seen(state: RegistryState, known: Known, turn: Turn) -> None:
    """Note that a user is there; that is stored once in an hour."""
    if turn.wall - known.seen >= SEEN_EVERY:
        state.uses.users[known.user.id] = Use(known.user.id, turn.wall)
        known.seen = turn.wall
        _store_soon(state, turn)
    known.user = replace(known.user, interacted_at=turn.wall)


def _store_soon(state: RegistryState, turn: Turn) -> None:
    if not state.uses.waiting:
        state.uses.waiting = True
        turn.after("uses", SOON, NoteUsesNow())


def store_uses(state: RegistryState, turn: Turn) -> NoteUses | None:
    """Store what was noted, and return it."""
    state.uses.waiting = False
    if not state.uses:
        return None
    uses = state.uses.take()
    turn.perform("writer", uses)
    return uses


def uses_noted(state: RegistryState, uses: NoteUses) -> None:
    """Know what another node has noted."""
    for use in uses.users:
        known = state.with_id(UserId(use.id))
        if known is not None:
            known.user = replace(known.user, interacted_at=max(known.user.interacted_at, use.at))
    for records, used in (
        (state.credentials.certificates, uses.certificates),
        (state.credentials.passwords, uses.passwords),
    ):
        at = {use.id: use for use in used}
        for record in [record for record in records if record.id in at]:
            use = at[record.id]
            if use.at > record.last_used:
                state.credentials.put(replace(record, last_used=use.at, last_address=use.address))


def look_for_inactive(state: RegistryState, turn: Turn) -> None:
    """Disable the accounts of users who were not there for too long; they are all looked at (unlike row TOD-13)."""
    limit = state.settings.accounts.disable_inactive_user
    for known in list(state.users.values()):
        user = known.user
        if known.counts.clients:
            user_seen(state, known, turn)
        elif limit and user.enabled and turn.wall - max(user.interacted_at, user.created_at) > limit:
            log.info("user %r was not there for %.1f days and is disabled", user.name, limit / 86400)
            admin.store(state, Asked(None, 0, "change", user, {"enabled": False}, absent=True), turn)
    turn.after("inactive", LOOK_EVERY, LookForInactive())
