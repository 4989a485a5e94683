"""The registry actor: supervisor of the users."""

import logging
from urllib.parse import quote

from msgspec.structs import replace

from actors import Actor, ChildGone, ChildRestarted, ChildSpec, Ref, Restart, ServiceFailed, Turn, on
from soju_actors.messages.downstream import LoginAccepted, LoginRefused
from soju_actors.messages.registry import (
    AddUser,
    AdminDone,
    Announce,
    ChangeUser,
    ListUsers,
    LoadUsersAgain,
    Login,
    Refresh,
    RegistryArgs,
    RemoveUser,
    ReportStatus,
    RunAs,
    SetDebug,
    SettingsReloaded,
    StartAgain,
    UserCounts,
)
from soju_actors.messages.user import Broadcast, RunCommand, SettingsChanged, UserArgs, UserChanged, UserDeleted
from soju_actors.model.records import User
from soju_actors.policy.login import parse_login
from soju_actors.ports.console import SetDetail
from soju_actors.ports.database import LoadUsers, ReadFailed, Saved, SaveUser, UsersLoaded, WriteFailed
from soju_actors.ports.passwords import CheckPassword, PasswordChecked, PasswordHashed
from soju_actors.ports.protocols import ToRegistry, ToUser
from soju_actors.registry import admin
from soju_actors.registry.logins import Check, Passwords, Throttle, Waiting
from soju_actors.registry.state import Known, RegistryState

log = logging.getLogger(__name__)

START_AGAIN = 60.0
"""Seconds after which an actor that failed too often is started again."""
LOAD_AGAIN = 2.0
"""Seconds after which users that could not be read are read again."""


class RegistryActor(Actor[ToRegistry]):
    """Knows all users, checks their passwords off the event loop, and supervises their actors."""

    __slots__ = ("args", "checks", "early", "passwords", "state", "throttle")

    def __init__(self, args: RegistryArgs) -> None:
        self.args = args
        self.state = RegistryState(args.settings)
        self.passwords = Passwords(args.secret)
        self.throttle = Throttle(args.login_failures, args.login_failure_time)
        self.checks: dict[int, Check] = {}
        """Passwords that are being hashed, by request."""
        self.early: list[tuple[Login, Waiting]] = []
        """Logins that came before the users were there."""

    def started(self, turn: Turn) -> None:
        """Load the users."""
        turn.perform("reader", LoadUsers())

    # --- users

    @on(UsersLoaded)
    def users_loaded(self, msg: UsersLoaded, turn: Turn) -> None:
        """Start an actor for each new user, tell those whose settings have changed, stop those that are gone."""
        loaded = {user.name: user for user in msg.users}
        for name in self.state.users.keys() - loaded.keys():
            self._stop(name, turn)
        for user in msg.users:
            known = self.state.users.get(user.name)
            if known is None:
                self._start(user, turn)
            elif known.user.revision != user.revision:
                disconnect = known.user.password_hash != user.password_hash
                known.user = user
                turn.send(known.ref, UserChanged(user, disconnect))
        self.state.loaded = True
        for login, waiting in self.early:
            self._login(login, waiting, turn)
        self.early.clear()
        admin.finish(self.state, msg.request, AdminDone(0, (f"{len(loaded)} users",)), turn)

    @on(ReadFailed)
    def read_failed(self, msg: ReadFailed, turn: Turn) -> None:
        """Try again: without users nobody can log in."""
        log.error("cannot load the users: %s", msg.reason)
        admin.finish(self.state, msg.request, AdminDone(0, error=msg.reason), turn)
        turn.after("load", LOAD_AGAIN, LoadUsersAgain())

    @on(LoadUsersAgain)
    def load_again(self, msg: LoadUsersAgain, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Load the users."""
        turn.perform("reader", LoadUsers())

    @on(Refresh)
    def refresh(self, msg: Refresh, turn: Turn) -> None:
        """Look at the users again: another process has changed them."""
        turn.perform("reader", LoadUsers(admin.ask(self.state, turn.sender, msg.request, "refresh")))

    @on(SettingsReloaded)
    def settings_reloaded(self, msg: SettingsReloaded, turn: Turn) -> None:
        """Give the users the configuration that was read again."""
        self.state.settings = msg.settings
        for known in self.state.users.values():
            turn.send(known.ref, SettingsChanged(msg.settings))

    @on(ChildRestarted)
    def child_restarted(self, msg: ChildRestarted, turn: Turn) -> None:
        """Give a user actor that failed the settings of now: it was started with older ones."""
        log.error("%s failed and was started again: %s", msg.child.path, msg.reason)
        turn.send(Ref[ToUser](msg.child.path), SettingsChanged(self.state.settings))

    @on(ChildGone)
    def child_gone(self, msg: ChildGone, turn: Turn) -> None:
        """Start a user's actor that has failed too often again later: whatever made it fail may be over."""
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
        if known is not None:
            self._start(known.user, turn)

    @on(UserCounts)
    def user_counts(self, msg: UserCounts, turn: Turn) -> None:
        """Note what a user has."""
        for known in self.state.users.values():
            if known.ref == turn.sender:
                known.counts = msg

    # --- logins

    @on(Login)
    def login(self, msg: Login, turn: Turn) -> None:
        """Check a login, or have it wait for the users to be loaded."""
        if turn.sender is None:
            return
        waiting = Waiting(turn.sender, msg.name, msg.remote.rpartition(":")[0], msg.on_behalf_of)
        if self.state.loaded:
            self._login(msg, waiting, turn)
        else:
            self.early.append((msg, waiting))

    def _login(self, msg: Login, waiting: Waiting, turn: Turn) -> None:
        delay = self.throttle.wait(waiting.remote, turn.now)
        if delay:
            reason = f"Too many failed logins from your address, try again in {delay:.0f} s"
            turn.send(waiting.client, LoginRefused(reason))
            return
        if msg.name not in self.state.users:
            msg, waiting = self._named_in_password(msg, waiting)
        known = self.state.users.get(msg.name)
        password_hash = known.user.password_hash if known else ""
        key = self.passwords.key(msg.name, msg.password, password_hash)
        if known and self.passwords.is_right(key, turn.now):
            self._accept(waiting, turn)
            return
        for check in self.checks.values():
            if check.key == key:
                check.waiting.append(waiting)
                return
        request = self.state.new_request()
        self.checks[request] = Check(key, msg.name, [waiting])
        turn.perform("hasher", CheckPassword(msg.password, password_hash, request))

    def _named_in_password(self, msg: Login, waiting: Waiting) -> tuple[Login, Waiting]:
        """Take ``PASS user[/network][@client]:password`` of clients whose username is that of their machine."""
        named, _, password = msg.password.partition(":")
        name = parse_login(named).user
        if name not in self.state.users or msg.on_behalf_of:
            return msg, waiting
        return replace(msg, name=name, password=password), Waiting(waiting.client, name, waiting.remote, "", named)

    @on(PasswordChecked)
    def password_checked(self, msg: PasswordChecked, turn: Turn) -> None:
        """Let in all who waited for this password, or none."""
        check = self.checks.pop(msg.request, None)
        if check is None:
            return
        if msg.fits:
            self.passwords.remember(check.key, turn.now)
            if msg.upgraded:
                self._upgrade(check.name, msg.upgraded, turn)
        for waiting in check.waiting:
            if msg.fits:
                self._accept(waiting, turn)
            else:
                log.warning("wrong password for user %r from %s", check.name, waiting.remote)
                self.throttle.failed(waiting.remote, turn.now)
                turn.send(waiting.client, LoginRefused("Invalid username or password"))

    def _accept(self, waiting: Waiting, turn: Turn) -> None:
        known = self.state.users.get(waiting.name)
        other = waiting.on_behalf_of
        if known is not None and other and other != waiting.name:  # impersonation (row PRE-03)
            known = self.state.users.get(other) if known.user.admin else None
        if known is None:
            turn.send(waiting.client, LoginRefused("Invalid username or password"))
        elif not known.user.enabled:
            turn.send(waiting.client, LoginRefused("This account is disabled", fatal=True))
        else:
            turn.send(waiting.client, LoginAccepted(known.ref, known.user.name, known.user.admin, waiting.named))

    def _upgrade(self, name: str, password_hash: str, turn: Turn) -> None:
        known = self.state.users.get(name)
        if known is not None:
            known.user = admin.with_password(known.user, password_hash)
            turn.perform("writer", SaveUser(known.user, admin.UPGRADE))

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
        """Act on a user that is stored: start, change or stop its actor."""
        done = admin.saved(self.state, msg, turn)
        if done is None:
            return
        if done.kind == "delete":
            turn.send(self.state.users[done.user.name].ref, UserDeleted())
            self._stop(done.user.name, turn)
        elif done.user.name in self.state.users:
            known = self.state.users[done.user.name]
            known.user = done.user
            turn.send(known.ref, UserChanged(done.user, disconnect=done.disconnect))
        else:
            self._start(done.user, turn)

    @on(WriteFailed)
    def write_failed(self, msg: WriteFailed, turn: Turn) -> None:
        """Tell the admin why nothing was changed."""
        if msg.request == admin.UPGRADE:
            log.warning("a password hash was not upgraded: %s", msg.reason)
        admin.finish(self.state, msg.request, AdminDone(0, error=msg.reason), turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Refuse the logins that waited for a failed check; tell the admin whose request failed."""
        request = getattr(msg.job, "request", 0)
        check = self.checks.pop(request, None)
        for waiting in check.waiting if check else ():
            turn.send(waiting.client, LoginRefused("Internal error, try again later"))
        admin.finish(self.state, request, AdminDone(0, error=f"internal error: {msg.reason}"), turn)
        if isinstance(msg.job, LoadUsers):
            turn.after("load", LOAD_AGAIN, LoadUsersAgain())

    @on(ListUsers)
    def list_users(self, msg: ListUsers, turn: Turn) -> None:
        """List users."""
        admin.answer(turn, admin.list_users(self.state, msg))

    @on(ReportStatus)
    def report_status(self, msg: ReportStatus, turn: Turn) -> None:
        """Count what there is."""
        admin.answer(turn, admin.report_status(self.state, msg))

    @on(RunAs)
    def run_as(self, msg: RunAs, turn: Turn) -> None:
        """Pass a command to another user's actor, which answers to who asked."""
        known = self.state.users.get(msg.name)
        if known is None:
            admin.answer(turn, AdminDone(msg.request, error=f"There is no user {msg.name!r}"))
        else:
            request = admin.ask(self.state, turn.sender, msg.request, "run")
            turn.send(known.ref, RunCommand(msg.text, request))

    @on(AdminDone)
    def admin_done(self, msg: AdminDone, turn: Turn) -> None:
        """Pass on what a command that ran as another user has brought."""
        admin.finish(self.state, msg.request, msg, turn)

    @on(Announce)
    def announce(self, msg: Announce, turn: Turn) -> None:
        """Show every client a text."""
        for known in self.state.users.values():
            turn.send(known.ref, Broadcast(msg.text, msg.source))
        clients = sum(known.counts.clients for known in self.state.users.values())
        admin.answer(turn, AdminDone(msg.request, (f"Sent to {clients} clients",)))

    @on(SetDebug)
    def set_debug(self, msg: SetDebug, turn: Turn) -> None:
        """Log in detail, or no longer."""
        turn.perform("console", SetDetail(msg.on))
        admin.answer(turn, AdminDone(msg.request, (f"Debug logging is {'on' if msg.on else 'off'}",)))

    # ---

    def _start(self, user: User, turn: Turn) -> None:
        args = UserArgs(user, self.state.settings, self.args.store, turn.me, self.args.pacer)
        name = quote(user.name, safe="", errors="surrogateescape") or "%"
        spec = ChildSpec(name, "soju_actors.user.actor:UserActor", args, Restart.TRANSIENT)
        ref: Ref[ToUser] = turn.spawn(spec)
        self.state.users[user.name] = Known(user, ref)

    def _stop(self, name: str, turn: Turn) -> None:
        known = self.state.users.pop(name)
        turn.cancel(f"start {name}")
        turn.stop(known.ref)
