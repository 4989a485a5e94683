"""The registry actor: supervisor of the users."""

import logging

from actors import (
    Actor,
    ChildGone,
    ChildRestarted,
    ChildSpec,
    Ref,
    Restart,
    ServiceFailed,
    Turn,
    on,
)
from soju_actors.messages.cluster import WatchLeases
from soju_actors.messages.logins import (
    AddAppPassword,
    AddCertificate,
    AskScram,
    CertificateLogin,
    Interacted,
    ListAppPasswords,
    ListCertificates,
    Login,
    LookForInactive,
    NoteUsesNow,
    RemoveCertificate,
    RevokeAppPassword,
    ScramLogin,
)
from soju_actors.messages.registry import (
    AddUser,
    AdminDone,
    Announce,
    ChangeUser,
    ListUsers,
    LoadUsersAgain,
    LoginFailedThere,
    Refresh,
    RegistryArgs,
    RemoveUser,
    ReportStatus,
    RunAs,
    SetDebug,
    SettingsReloaded,
    StartAgain,
    UserCounts,
    UsesNoted,
)
from soju_actors.messages.user import Broadcast, SettingsChanged, UserArgs, UserChanged, UserDeleted
from soju_actors.model.records import User
from soju_actors.ports.console import SetDetail
from soju_actors.ports.database import LoadUsers, ReadFailed, Saved, UsersLoaded, WriteFailed
from soju_actors.ports.passwords import AppPasswordMade, PasswordChecked, PasswordHashed, VerifierMade
from soju_actors.ports.protocols import ToRegistry, ToUser
from soju_actors.registry import admin, counting, entering, holding, noting, owning
from soju_actors.registry.clustered import Clustered
from soju_actors.registry.holding import Holding
from soju_actors.registry.logins import Desk, LoginRequest, Passwords, Throttle
from soju_actors.registry.state import Known, RegistryState, differs, latest, path_of

log = logging.getLogger(__name__)

REGISTRY: Ref[ToRegistry] = Ref("registry")
"""The registry of whichever node a user's actor is on."""
START_AGAIN = 60.0
"""Seconds after which an actor that failed too often is started again."""
FIRST_LOOK = 60.0
"""Seconds from the start to the first look for users who are not there: their clients connect meanwhile."""
LOAD_AGAIN = 2.0
"""Seconds after which users that could not be read are read again."""


class RegistryActor(Clustered, Actor[ToRegistry]):
    """Knows all users, checks their passwords off the event loop, and supervises their actors."""

    __slots__ = ("again", "args", "counts", "desk", "holding", "loading", "reading", "state")

    def __init__(self, args: RegistryArgs) -> None:
        self.args = args
        self.state = RegistryState(args.settings)
        self.desk = Desk(Passwords(args.secret), Throttle(args.login_failures, args.login_failure_time))
        self.holding = None if args.cluster is None else Holding(args.cluster)
        """In a cluster: which users run here."""
        self.counts: counting.Counts = {}
        self.reading = 0
        """How much had been written when the users were last asked for."""
        self.loading = self.again = False
        """They are being read; they have to be read again after that."""

    def started(self, turn: Turn) -> None:
        """Load the users."""
        self.state.since = turn.wall
        self.watch_leases(WatchLeases(), turn)
        self._load(0, turn)

    def stopping(self, turn: Turn) -> None:
        """Store what was noted of users; the service finishes its jobs before it ends."""
        noting.store_uses(self.state, turn)

    # --- users

    @on(UsersLoaded)
    def users_loaded(self, msg: UsersLoaded, turn: Turn) -> None:
        """Start an actor for each new user, tell those whose settings have changed, stop those that are gone."""
        state = self.state
        self.loading = False
        if state.writes != self.reading:  # something was stored meanwhile, which this may lack
            self._load(msg.request, turn)
            return
        loaded = {user.name: user for user in msg.users}
        for name in state.users.keys() - loaded.keys():
            self._stop(name, turn)
        for user in msg.users:
            known = state.users.get(user.name)
            if known is None:
                self._add(user, turn)
            elif differs(known.user, user):
                self._changed(known, user, turn)
            else:
                known.user = latest(known.user, user)
        self._load_credentials(msg, turn)
        first, state.loaded = not state.loaded, True
        if self.holding is not None:
            holding.settle(state, self.holding, self.start_actor, turn)
            holding.want(state, self.holding, turn)
        if first:
            turn.after("inactive", FIRST_LOOK, LookForInactive())
        early, self.desk.early = self.desk.early, []
        for login, client in early:
            entering.receive(state, self.desk, login, client, turn)
        self._tell_failures(turn)
        if self.again:
            self._load(0, turn)
        admin.finish(state, msg.request, AdminDone(0, (f"{len(loaded)} users",)), turn)

    def _load_credentials(self, msg: UsersLoaded, turn: Turn) -> None:
        """Take over what users log in with; who has used what is gone has to log in again."""
        before = self.state.credentials.names()
        self.state.credentials.load(msg.certificates, msg.passwords)
        self.state.secret = msg.secret
        for name in before.keys() - self.state.credentials.names().keys():
            owning.revoke(self.state, name, before[name], turn)

    @on(ReadFailed)
    def read_failed(self, msg: ReadFailed, turn: Turn) -> None:
        """Try again: without users nobody can log in."""
        log.warning("cannot load the users, trying again in %g s: %s", LOAD_AGAIN, msg.reason)
        self.loading = False
        admin.finish(self.state, msg.request, AdminDone(0, error=msg.reason), turn)
        turn.after("load", LOAD_AGAIN, LoadUsersAgain())

    @on(LoadUsersAgain)
    def load_again(self, msg: LoadUsersAgain, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Load the users."""
        self._load(0, turn)

    @on(Refresh)
    def refresh(self, msg: Refresh, turn: Turn) -> None:
        """Look at the users again: another process has changed them."""
        if msg.request:
            if self.holding is not None:
                holding.tell_others(self.holding, Refresh(), turn)
            self._load(admin.ask(self.state, turn.sender, msg.request, "refresh"), turn)
        else:
            self.load(turn)

    @on(SettingsReloaded)
    def settings_reloaded(self, msg: SettingsReloaded, turn: Turn) -> None:
        """Give the users the configuration that was read again."""
        self.state.settings = msg.settings
        for known in self.state.users.values():
            if self._is_here(known):
                turn.send(known.ref, SettingsChanged(msg.settings))

    @on(ChildRestarted)
    def child_restarted(self, msg: ChildRestarted, turn: Turn) -> None:
        """Give a user actor that failed the settings of now: it was started with older ones."""
        log.error("%s failed and was started again: %s", msg.child.path, msg.reason)
        turn.send(Ref[ToUser](msg.child.path), SettingsChanged(self.state.settings))

    @on(ChildGone)
    def child_gone(self, msg: ChildGone, turn: Turn) -> None:
        """Start a user's actor that has failed too often again later: whatever made it fail may be over."""
        if self.holding is not None:
            holding.ended(self.state, self.holding, msg, turn)
        if not msg.gave_up:
            return
        for name, known in self.state.users.items():
            if known.ref == msg.child:
                log.error(
                    "the actor of user %s failed too often, starting it in %g s: %s", name, START_AGAIN, msg.reason
                )
                turn.after(f"start {name}", START_AGAIN, StartAgain(name))

    @on(StartAgain)
    def start_again(self, msg: StartAgain, turn: Turn) -> None:
        """Start a user's actor, unless the user has gone in the meantime."""
        known = self.state.users.get(msg.name)
        if known is not None and (self.holding is None or holding.may_start(self.holding, known.user.id)):
            self.start_actor(known.user, turn)

    @on(UserCounts)
    def user_counts(self, msg: UserCounts, turn: Turn) -> None:
        """Note what a user has."""
        for known in self.state.users.values():
            if known.ref == turn.sender:
                known.counts = msg

    # --- logins

    @on(Login)
    def login(self, msg: Login, turn: Turn) -> None:
        """Check a password."""
        self._enter(msg, turn)

    @on(CertificateLogin)
    def certificate_login(self, msg: CertificateLogin, turn: Turn) -> None:
        """Find whose certificate it is."""
        self._enter(msg, turn)

    @on(AskScram)
    def ask_scram(self, msg: AskScram, turn: Turn) -> None:
        """Tell how a password is salted."""
        self._enter(msg, turn)

    @on(ScramLogin)
    def scram_login(self, msg: ScramLogin, turn: Turn) -> None:
        """Check a proof."""
        self._enter(msg, turn)

    @on(PasswordChecked)
    def password_checked(self, msg: PasswordChecked, turn: Turn) -> None:
        """Let in all who waited for this password, or none."""
        entering.checked(self.state, self.desk, msg, turn)
        self._tell_failures(turn)

    @on(VerifierMade)
    def verifier_made(self, msg: VerifierMade, turn: Turn) -> None:
        """Keep what SCRAM needs."""
        entering.verifier_made(self.state, self.desk, msg, turn)

    @on(Interacted)
    def interacted(self, msg: Interacted, turn: Turn) -> None:
        """Note that a user was there."""
        known = self.state.users.get(msg.name)
        if known is not None:
            noting.user_seen(self.state, known, turn)

    @on(NoteUsesNow)
    def note_uses(self, msg: NoteUsesNow, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Store when users were there and what they logged in with."""
        uses = noting.store_uses(self.state, turn)
        if self.holding is not None and uses is not None:
            holding.tell_others(self.holding, UsesNoted(uses), turn)

    @on(LookForInactive)
    def look_for_inactive(self, msg: LookForInactive, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Disable the accounts that nobody uses (row OPS-15)."""
        noting.look_for_inactive(self.state, turn)

    # --- credentials

    @on(AddCertificate)
    def add_certificate(self, msg: AddCertificate, turn: Turn) -> None:
        """Let a user log in with a certificate."""
        owning.receive(self.state, msg, turn)

    @on(RemoveCertificate)
    def remove_certificate(self, msg: RemoveCertificate, turn: Turn) -> None:
        """Take a certificate away."""
        owning.receive(self.state, msg, turn)

    @on(ListCertificates)
    def list_certificates(self, msg: ListCertificates, turn: Turn) -> None:
        """Tell which certificates a user has."""
        owning.receive(self.state, msg, turn)

    @on(AddAppPassword)
    def add_app_password(self, msg: AddAppPassword, turn: Turn) -> None:
        """Make a password for a client."""
        owning.receive(self.state, msg, turn)

    @on(ListAppPasswords)
    def list_app_passwords(self, msg: ListAppPasswords, turn: Turn) -> None:
        """Tell which passwords for clients a user has."""
        owning.receive(self.state, msg, turn)

    @on(RevokeAppPassword)
    def revoke_app_password(self, msg: RevokeAppPassword, turn: Turn) -> None:
        """Take a password for a client back."""
        owning.receive(self.state, msg, turn)

    @on(AppPasswordMade)
    def app_password_made(self, msg: AppPasswordMade, turn: Turn) -> None:
        """Store a password for a client."""
        owning.app_password_made(self.state, msg, turn)

    # --- admins

    @on(AddUser)
    def add_user(self, msg: AddUser, turn: Turn) -> None:
        """Create a user."""
        admin.add_user(self.state, msg, turn)

    @on(ChangeUser)
    def change_user(self, msg: ChangeUser, turn: Turn) -> None:
        """Change a user."""
        admin.change_user(self.state, msg, turn)

    @on(RemoveUser)
    def remove_user(self, msg: RemoveUser, turn: Turn) -> None:
        """Delete a user."""
        admin.remove_user(self.state, msg, self.args.secret, turn)

    @on(PasswordHashed)
    def password_hashed(self, msg: PasswordHashed, turn: Turn) -> None:
        """Store the user whose password it is."""
        admin.password_hashed(self.state, msg, turn)

    @on(Saved)
    def saved(self, msg: Saved, turn: Turn) -> None:
        """Act on what is stored: start, change or stop a user's actor; use a credential, or no more."""
        self.state.writes += 1
        asked = self.state.asked.get(msg.request)
        if asked is not None and asked.record is not None and msg.user is not None:
            self._changed(self.state.users.get(msg.user.name), msg.user, turn)
        owning.saved(self.state, msg, turn)
        done = admin.saved(self.state, msg, turn)
        if self.holding is not None and msg.request:
            holding.tell_others(self.holding, Refresh(), turn)
        if done is None or done.user is None:
            return
        known = self.state.users.get(done.user.name)
        if done.kind == "add":
            self._add(done.user, turn)
            if self.holding is not None:
                holding.want(self.state, self.holding, turn)
        elif known is None:
            return
        elif done.kind == "delete":
            self._stop(done.user.name, turn)
        else:
            self._changed(known, done.user, turn)
            if done.user.enabled:
                entering.revived(self.state, self.desk, done.user.name, turn)

    @on(WriteFailed)
    def write_failed(self, msg: WriteFailed, turn: Turn) -> None:
        """Tell who asked why nothing was changed."""
        self.state.writes += 1
        asked = self.state.asked.get(msg.request)
        if asked is not None and asked.kind == "upgrade" and not msg.stale:
            log.warning("a password hash was not upgraded: %s", msg.reason)
        self._failed(msg.request, msg.reason, turn)
        if msg.stale:
            self.load(turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Refuse the logins that waited for a failed check; tell the admin whose request failed."""
        request = getattr(msg.job, "request", 0)
        entering.failed(self.desk, request, turn)
        self._failed(request, f"internal error: {msg.reason}", turn)
        if isinstance(msg.job, LoadUsers):
            self.loading = False
            turn.after("load", LOAD_AGAIN, LoadUsersAgain())

    @on(ListUsers)
    def list_users(self, msg: ListUsers, turn: Turn) -> None:
        """List users."""
        counting.begin(self.state, self.holding, self.counts, msg, turn)

    @on(ReportStatus)
    def report_status(self, msg: ReportStatus, turn: Turn) -> None:
        """Count what there is."""
        counting.begin(self.state, self.holding, self.counts, msg, turn)

    @on(RunAs)
    def run_as(self, msg: RunAs, turn: Turn) -> None:
        """Pass a command to another user's actor, which answers to who asked."""
        admin.run_as(self.state, msg, turn)

    @on(AdminDone)
    def admin_done(self, msg: AdminDone, turn: Turn) -> None:
        """Pass on what a command that ran as another user has brought."""
        admin.has_run(self.state, msg, turn)

    @on(Announce)
    def announce(self, msg: Announce, turn: Turn) -> None:
        """Show every client a text."""
        for known in self.state.users.values():
            turn.send(known.ref, Broadcast(msg.text, msg.source))
        counting.begin(self.state, self.holding, self.counts, msg, turn)

    @on(SetDebug)
    def set_debug(self, msg: SetDebug, turn: Turn) -> None:
        """Log in detail, or no longer."""
        turn.perform("console", SetDetail(msg.on))
        admin.answer(turn, AdminDone(msg.request, (f"Debug logging is {'on' if msg.on else 'off'}",)))

    # ---

    def load(self, turn: Turn) -> None:
        """Look at the users again; if they are being read, after that."""
        if self.loading:
            self.again = True
        else:
            self._load(0, turn)

    def _load(self, request: int, turn: Turn) -> None:
        self.loading, self.again = True, False
        self.reading = self.state.writes
        turn.perform("reader", LoadUsers(request))

    def _enter(self, msg: LoginRequest, turn: Turn) -> None:
        if turn.sender is not None:
            entering.receive(self.state, self.desk, msg, turn.sender, turn)
            self._tell_failures(turn)

    def _tell_failures(self, turn: Turn) -> None:
        """Have the other nodes count them, too."""
        failed, self.desk.failed = self.desk.failed, []
        if self.holding is not None:
            for remote in failed:
                holding.tell_others(self.holding, LoginFailedThere(remote), turn)

    @on(LoginFailedThere)
    def login_failed_there(self, msg: LoginFailedThere, turn: Turn) -> None:
        """Count a login that has failed on another node."""
        self.desk.throttle.failed(msg.remote, turn.now)

    def _failed(self, request: int, reason: str, turn: Turn) -> None:
        asked = admin.finish(self.state, request, AdminDone(0, error=reason), turn)
        if asked is not None and asked.kind == "revive" and asked.user is not None:
            entering.not_revived(self.desk, asked.user.name, turn)

    def _changed(self, known: Known | None, user: User, turn: Turn) -> None:
        """Use a user's changed settings."""
        if known is None or known.user.id != user.id:
            return
        known.user = latest(user, known.user)
        if self._is_here(known):
            turn.send(known.ref, UserChanged(known.user))

    def _add(self, user: User, turn: Turn) -> None:
        """Know a user; a lone node acts for it at once."""
        known = Known(user, Ref(path_of(user.name)))
        self.state.users[user.name] = known
        self.state.names[user.id] = user.name
        if self.holding is None:
            self.start_actor(user, turn)

    def start_actor(self, user: User, turn: Turn) -> None:
        """Start the actor of a user."""
        known = self.state.users[user.name]
        mandate = None
        if self.holding is not None:
            mandate = self.holding.held[user.id].mandate
            self.holding.acting.add(user.id)
        args = UserArgs(user, self.state.settings, self.args.store, REGISTRY, self.args.pacer, mandate=mandate)
        name = known.ref.path.rpartition("/")[2]
        turn.spawn(ChildSpec(name, "soju_actors.user.actor:UserActor", args, Restart.TRANSIENT, path=known.ref.path))

    def _is_here(self, known: Known) -> bool:
        return self.holding is None or known.user.id in self.holding.acting

    def _stop(self, name: str, turn: Turn) -> None:
        known = self.state.users.pop(name)
        self.state.names.pop(known.user.id, None)
        self.state.credentials.forget(known.user.id)
        entering.not_revived(self.desk, name, turn)
        turn.cancel(f"start {name}")
        if self._is_here(known):
            turn.send(known.ref, UserDeleted())
            holding.stop(known.ref, turn)
        if self.holding is not None:
            self.holding.come.discard(known.ref)
            holding.release(self.holding, known.user.id, turn)
