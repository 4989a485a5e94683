"""From what a client shows to its user: passwords, certificates, SCRAM (rows PRE-03, PRE-05, PRE-14, CFG-19)."""

import logging
from collections.abc import Iterator

from msgspec.structs import replace

from actors import Ref, Turn
from soju_actors.irc.sasl.scram import (
    Verifier,
    iterations_for,
    parse_verifier,
    proves,
    salt_for,
    server_final,
)
from soju_actors.messages.downstream import LoginAccepted, LoginRefused, ScramParameters
from soju_actors.messages.logins import AskScram, CertificateLogin, Login, ScramLogin
from soju_actors.model.credentials import AppPassword
from soju_actors.policy.accounts import app_password_digest
from soju_actors.policy.login import parse_login
from soju_actors.ports.credentials import SaveAppPassword
from soju_actors.ports.passwords import CheckPassword, MakeVerifier, PasswordChecked, VerifierMade
from soju_actors.ports.protocols import ToDownstream
from soju_actors.registry import admin, noting
from soju_actors.registry.credentials import name_of
from soju_actors.registry.logins import Check, Desk, LoginRequest, Upgrade, Waiting
from soju_actors.registry.state import Asked, Known, RegistryState

log = logging.getLogger(__name__)

WRONG = "Invalid username or password"
LATER = "Internal error, try again later"
CHANGED = "What you may log in with has changed meanwhile, try again"
_NOBODY = Verifier(4096, b"", bytes(32), bytes(32))
"""What a proof is checked against where there is no password, so that the time does not tell."""


def receive(state: RegistryState, desk: Desk, msg: LoginRequest, client: Ref[ToDownstream], turn: Turn) -> None:
    """Begin a login, or have it wait for the users to be loaded."""
    if not state.loaded:
        desk.early.append((msg, client))
        return
    remote = msg.remote.rpartition(":")[0].strip("[]")
    delay = desk.throttle.wait(remote, turn.now)
    if delay:
        reason = f"Too many failed logins from your address, try again in {delay:.0f} s"
        turn.send(client, LoginRefused(reason))
        return
    match msg:
        case Login():
            _by_password(state, desk, msg, Waiting(client, msg.name, remote, msg.on_behalf_of), turn)
        case CertificateLogin():
            _by_certificate(state, desk, msg, Waiting(client, msg.name, remote, ""), turn)
        case AskScram():
            turn.send(client, _parameters(state, msg.name))
        case ScramLogin():
            _by_scram(state, desk, msg, Waiting(client, msg.name, remote, msg.on_behalf_of), turn)


# --- passwords


def _by_password(state: RegistryState, desk: Desk, msg: Login, waiting: Waiting, turn: Turn) -> None:
    if msg.name not in state.users:
        msg, waiting = _named_in_password(state, msg, waiting)
    known = state.users.get(msg.name)
    own = state.credentials.passwords.find(app_password_digest(msg.password)) if known else None
    if known and own is not None and own.user_id == known.user.id:
        waiting.credential = name_of(own)
        noting.app_password_used(state, own, waiting.remote, turn)
        if not own.scram:
            _make_verifier(state, desk, known, Upgrade(msg.name, msg.password, app_password=own.id), turn)
        accept(state, desk, waiting, turn)
        return
    if known:
        waiting.generation = known.user.generation
    password_hash = known.user.password_hash if known else ""
    key = desk.passwords.key(msg.name, msg.password, password_hash)
    if known and desk.passwords.is_right(key, turn.now):
        accept(state, desk, waiting, turn)
        return
    for check in desk.checks.values():
        if check.key == key:
            check.waiting.append(waiting)
            return
    request = state.new_request()
    desk.checks[request] = Check(key, msg.name, msg.password, password_hash, [waiting])
    turn.perform("hasher", CheckPassword(msg.password, password_hash, request))


def _named_in_password(state: RegistryState, msg: Login, waiting: Waiting) -> tuple[Login, Waiting]:
    """Take ``PASS user[/network][@client]:password`` of clients whose username is that of their machine."""
    named, _, password = msg.password.partition(":")
    name = parse_login(named).user
    if name not in state.users or msg.on_behalf_of:
        return msg, waiting
    return replace(msg, name=name, password=password), Waiting(waiting.client, name, waiting.remote, "", named)


def checked(state: RegistryState, desk: Desk, msg: PasswordChecked, turn: Turn) -> None:
    """Let in all who waited for this password, or none."""
    check = desk.checks.pop(msg.request, None)
    if check is None:
        return
    if not msg.fits:
        for waiting in check.waiting:
            _refuse(desk, waiting, f"wrong password for user {check.name!r}", turn)
        return
    known = state.users.get(check.name)
    if known is not None and admin.newest(state, check.name).password_hash == check.password_hash:
        if msg.upgraded:
            admin.store(state, Asked(None, 0, "upgrade", known.user, {"password_hash": msg.upgraded}), turn)
        desk.passwords.remember(check.key, turn.now)
        password_hash = msg.upgraded or known.user.password_hash
        if not known.user.scram:
            _make_verifier(state, desk, known, Upgrade(check.name, check.password, password_hash), turn)
    for waiting in check.waiting:
        accept(state, desk, waiting, turn)


def failed(desk: Desk, request: int, turn: Turn) -> None:
    """Refuse the logins that waited for a check that failed by itself."""
    desk.upgrades.pop(request, None)
    check = desk.checks.pop(request, None)
    for waiting in check.waiting if check else ():
        turn.send(waiting.client, LoginRefused(LATER))


# --- verifiers for SCRAM


def _make_verifier(state: RegistryState, desk: Desk, known: Known, upgrade: Upgrade, turn: Turn) -> None:
    """Make what SCRAM needs, now that the password is known."""
    iterations = iterations_of(state, known)
    if not iterations or upgrade in desk.upgrades.values() or upgrade.password_hash in desk.unfit:
        return
    request = state.new_request()
    desk.upgrades[request] = upgrade
    salt = salt_for(state.secret, known.user.name)
    turn.perform("hasher", MakeVerifier(upgrade.password, salt, iterations, request))


def verifier_made(state: RegistryState, desk: Desk, msg: VerifierMade, turn: Turn) -> None:
    """Keep a verifier, unless its password was changed in the meantime."""
    upgrade = desk.upgrades.pop(msg.request, None)
    known = state.users.get(upgrade.name) if upgrade else None
    if upgrade is None or known is None:
        return
    if not msg.scram:
        desk.unfit.add(upgrade.password_hash)
    elif upgrade.app_password is not None:
        own = next((p for p in state.credentials.passwords.of(known.user.id) if p.id == upgrade.app_password), None)
        if own is not None:
            own = replace(own, scram=msg.scram)
            state.credentials.put(own)
            admin.write(state, SaveAppPassword(own, admin.UNASKED), turn)
    elif admin.newest(state, upgrade.name).password_hash == upgrade.password_hash:
        asked = Asked(None, 0, "upgrade", known.user, {"scram": msg.scram}, ("password_hash",))
        admin.store(state, asked, turn)


def iterations_of(state: RegistryState, known: Known) -> int:
    """Return the iterations of a user's verifiers, those that there are and those to be made."""
    others = (own.scram for own in state.credentials.passwords.of(known.user.id))
    return iterations_for((known.user.scram, *others), state.settings.accounts.scram_iterations)


# --- SCRAM


def _parameters(state: RegistryState, name: str) -> ScramParameters:
    """Return how a name's passwords are salted; a name that nobody has looks like any other."""
    known = state.users.get(name)
    iterations = iterations_of(state, known) if known else state.settings.accounts.scram_iterations
    return ScramParameters(salt_for(state.secret, name), iterations or _NOBODY.iterations)


def _by_scram(state: RegistryState, desk: Desk, msg: ScramLogin, waiting: Waiting, turn: Turn) -> None:
    """Find the password, of all that the user has, that a client has proved to know."""
    found = False
    for verifier, own in _verifiers(state, msg.name):
        if proves(msg.proof, msg.auth_message, verifier):
            found = True
            waiting.proof = server_final(msg.auth_message, verifier)
            if own is not None:
                waiting.credential = name_of(own)
                noting.app_password_used(state, own, waiting.remote, turn)
            break
    if found:
        accept(state, desk, waiting, turn)
    else:
        _refuse(desk, waiting, f"wrong proof of SCRAM for user {msg.name!r}", turn)


def _verifiers(state: RegistryState, name: str) -> Iterator[tuple[Verifier, AppPassword | None]]:
    known = state.users.get(name)
    if known is not None:
        own = parse_verifier(known.user.scram)
        yield own or _NOBODY, None
        for password in state.credentials.passwords.of(known.user.id):
            verifier = parse_verifier(password.scram)
            if verifier is not None:
                yield verifier, password
    else:
        yield _NOBODY, None


# --- certificates


def _by_certificate(state: RegistryState, desk: Desk, msg: CertificateLogin, waiting: Waiting, turn: Turn) -> None:
    """Let a client in with its certificate (row PRE-05)."""
    certificate = state.credentials.certificates.find(msg.fingerprint)
    owner = state.with_id(certificate.user_id) if certificate is not None else None
    if certificate is None or owner is None:
        _refuse(desk, waiting, "unknown certificate", turn)
        return
    noting.certificate_used(state, certificate, waiting.remote, turn)
    waiting.credential = name_of(certificate)
    waiting.on_behalf_of = msg.name
    waiting.name = owner.user.name
    accept(state, desk, waiting, turn)


# --- in common


def accept(state: RegistryState, desk: Desk, waiting: Waiting, turn: Turn) -> None:
    """Let a client in, unless its account is disabled and stays so."""
    known = state.users.get(waiting.name)
    if known is not None and waiting.generation not in (None, known.user.generation):
        turn.send(waiting.client, LoginRefused(CHANGED))
        return
    other = waiting.on_behalf_of
    impostor = bool(other) and other != waiting.name
    if known is not None and impostor:  # row PRE-03
        known = state.users.get(other) if known.user.admin else None
    if known is None:
        turn.send(waiting.client, LoginRefused(WRONG))
    elif known.user.enabled:
        accepted = LoginAccepted(
            known.ref,
            known.user.name,
            known.user.admin,
            waiting.named,
            # Who acts for another is not the other one's client: it goes with nothing of that user's.
            "" if impostor else waiting.credential,
            known.user.generation,
            impostor,
            waiting.proof,
        )
        turn.send(waiting.client, accepted)
    elif state.settings.accounts.enable_user_on_auth and not impostor:
        _revive(state, desk, known, waiting, turn)
    else:
        turn.send(waiting.client, LoginRefused("This account is disabled", fatal=True))


def _revive(state: RegistryState, desk: Desk, known: Known, waiting: Waiting, turn: Turn) -> None:
    """Enable an account whose user is back (row CFG-19); who logs in waits until that is stored."""
    name = known.user.name
    noting.user_seen(state, known, turn)
    queue = desk.reviving.setdefault(name, [])
    queue.append(waiting)
    if len(queue) == 1:
        log.info("user %r has logged in and is enabled again", name)
        asked = Asked(None, 0, "revive", known.user, {"enabled": True}, ("generation",))
        admin.store(state, asked, turn)


def revived(state: RegistryState, desk: Desk, name: str, turn: Turn) -> None:
    """Go on with the logins that waited for it."""
    for waiting in desk.reviving.pop(name, ()):
        accept(state, desk, waiting, turn)


def not_revived(desk: Desk, name: str, turn: Turn) -> None:
    """Refuse them: it could not be stored."""
    for waiting in desk.reviving.pop(name, ()):
        turn.send(waiting.client, LoginRefused(LATER))


def _refuse(desk: Desk, waiting: Waiting, why: str, turn: Turn) -> None:
    log.warning("%s from %s", why, waiting.remote)
    desk.throttle.failed(waiting.remote, turn.now)
    desk.failed.append(waiting.remote)
    turn.send(waiting.client, LoginRefused(WRONG))
