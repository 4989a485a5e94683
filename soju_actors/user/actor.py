"""The user actor: the dispatcher through which all messages of one user pass."""

import logging

import msgspec

import soju_actors.user.continuations  # noqa: F401 - it fills the table of continuations
from actors import Actor, Down, Ref, ServiceFailed, Turn, on
from soju_actors.irc import metadata
from soju_actors.irc.message import Message, parse_message
from soju_actors.messages.downstream import CloseClient, CommandsTaken
from soju_actors.messages.logins import CertificatesListed
from soju_actors.messages.registry import AdminDone
from soju_actors.messages.store import WatchStorage
from soju_actors.messages.upstream import Taken
from soju_actors.messages.user import (
    Attach,
    Broadcast,
    ClientCaps,
    ClientLeft,
    ClientSaid,
    CredentialRevoked,
    ForwardRefused,
    LagMeasured,
    LeaseLapsed,
    LinesCommitted,
    Probed,
    RunCommand,
    SettingsChanged,
    StorageState,
    StoreReady,
    StsSeen,
    UpstreamCaps,
    UpstreamDown,
    UpstreamSaid,
    UpstreamTrying,
    UpstreamUp,
    UserArgs,
    UserChanged,
    UserDeleted,
)
from soju_actors.ports.certificates import CertificateMade
from soju_actors.ports.database import LoadSettings, ReadFailed, Saved, SettingsLoaded, WriteFailed
from soju_actors.ports.protocols import ToDownstream, ToUser
from soju_actors.user import (
    asking,
    attaching,
    connecting,
    framing,
    isupport,
    loading,
    monitoring,
    naming,
    placing,
    regain,
    resuming,
    service,
    sts,
    unanswered,
)
from soju_actors.user.answering import answered
from soju_actors.user.asking import AnswersDue
from soju_actors.user.call import Call
from soju_actors.user.client import carry_out
from soju_actors.user.detaching import DetachIdle, detach_if_idle
from soju_actors.user.joining import JoinSaved
from soju_actors.user.naming import NameAgain
from soju_actors.user.parent import Parent
from soju_actors.user.recording import UNCOMMITTED, append_fresh, committed
from soju_actors.user.refusing import refused
from soju_actors.user.regain import RegainNick
from soju_actors.user.routing import dispatch
from soju_actors.user.said import Said
from soju_actors.user.service import sessions
from soju_actors.user.state import Client, UserState, counts_of
from soju_actors.user.talk import take_talk

log = logging.getLogger(__name__)

LOAD_AGAIN = 2.0
"""Seconds after which settings that could not be read are read again."""


class LoadAgain(msgspec.Struct, ToUser, frozen=True, tag="user.load-again"):
    """Alarm: the settings could not be read."""


class UserActor(Parent, Actor[ToUser]):
    """Owns all that concerns one user, and decides what each client gets, in which order.

    Handlers of both directions are functions in topic modules; what they want to
    be shown is collected in feeds, which go out at the end of the turn.
    """

    __slots__ = ("counts", "early", "loaded", "ready", "user")

    def __init__(self, args: UserArgs) -> None:
        self.user = UserState(args.user, args.settings, args.store, args.registry, args.pacer, args.mandate)
        self.loaded = False
        self.ready = False
        """The store has all that was appended before."""
        self.counts = counts_of(self.user)
        self.early: list[tuple[Ref[ToDownstream], Attach]] = []
        """Clients that came before the settings were there."""

    def started(self, turn: Turn) -> None:
        """Load the settings when the store is ready: it may still have messages of an earlier actor of this user."""
        self._watch_storage(turn)

    def moved(self, turn: Turn) -> None:
        """Watch the store of this node, since the other one has stored all; let this registry know what is here."""
        turn.watch(self.user.store)
        turn.send(self.user.registry, self.counts)
        placing.nodes_changed(self.user, turn)

    def stopping(self, turn: Turn) -> None:
        """Close the clients; the upstreams have sent their QUIT."""
        attaching.close_all(self.user, "The bouncer is shutting down", turn, goes_on=self.user.mandate is not None)

    @on(StoreReady)
    def store_ready(self, msg: StoreReady, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Load the settings."""
        if not self.ready:
            self.ready = True
            turn.cancel("load")
            turn.watch(self.user.store)
            turn.perform("reader", LoadSettings(self.user.record.id))

    @on(SettingsLoaded)
    def settings_loaded(self, msg: SettingsLoaded, turn: Turn) -> None:
        """Begin with what is stored, or take over what another process has changed."""
        if msg.settings is None:
            attaching.end(self.user, "This account was deleted", turn)
            return
        loading.apply(self.user, msg.settings, turn)
        self.loaded = True
        for ref, attach in self.early:
            attaching.attach(self.user, attach, ref, turn)
        self.early.clear()
        self._deliver(turn)

    @on(ReadFailed)
    def read_failed(self, msg: ReadFailed, turn: Turn) -> None:
        """Try again: without settings there is nothing to do."""
        log.warning("%s: cannot load the settings: %s", turn.me.path, msg.reason)
        turn.after("load", LOAD_AGAIN, LoadAgain())

    @on(LoadAgain)
    def load_again(self, msg: LoadAgain, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Load the settings; ask the store again first if it has not answered: it may have failed meanwhile."""
        if self.ready:
            turn.perform("reader", LoadSettings(self.user.record.id))
        else:
            self._watch_storage(turn)

    @on(SettingsChanged)
    def settings_changed(self, msg: SettingsChanged, turn: Turn) -> None:
        """Use the server's configuration as it was read again."""
        self.user.settings = msg.settings
        isupport.tell_changes(self.user, None)
        self._deliver(turn)

    @on(UserChanged)
    def user_changed(self, msg: UserChanged, turn: Turn) -> None:
        """Take over changed settings; close the clients if they have to log in again."""
        before = self.user.record
        attaching.renew(self.user, msg.user, turn)
        now = self.user.record
        if self.ready and (now.revision, now.enabled) != (before.revision, before.enabled):
            turn.perform("reader", LoadSettings(self.user.record.id))

    @on(CredentialRevoked)
    def credential_revoked(self, msg: CredentialRevoked, turn: Turn) -> None:
        """Close the clients that have logged in with what is gone."""
        for client in self.user.clients.values():
            if client.credential == msg.credential:
                turn.send(client.ref, CloseClient(msg.reason))

    @on(UserDeleted)
    def user_deleted(self, msg: UserDeleted, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Tell the clients; this actor is stopped next."""
        attaching.end(self.user, "This account was deleted", turn)

    @on(LeaseLapsed)
    def lease_lapsed(self, msg: LeaseLapsed, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """End: what this actor would store is refused, and another one may show the clients other things."""
        attaching.end(self.user, attaching.MOVED, turn, goes_on=True)

    # --- clients

    @on(Attach)
    def attach(self, msg: Attach, turn: Turn) -> None:
        """Attach a client."""
        if turn.sender is None:
            return
        if self.loaded:
            attaching.attach(self.user, msg, turn.sender, turn)
            self._deliver(turn)
        else:
            self.early.append((turn.sender, msg))

    @on(ClientSaid)
    def client_said(self, msg: ClientSaid, turn: Turn) -> None:
        """Handle the commands of a client."""
        client = self._client(turn)
        if client is None or turn.sender is None:
            return
        turn.send(client.ref, CommandsTaken(1))
        for message in msg.messages:
            self._command(client, message, turn)
        resuming.keep(self.user, client, msg, turn)
        asking.fence(self.user.network_of(client), turn)
        self._deliver(turn)

    @on(ClientCaps)
    def client_caps(self, msg: ClientCaps, turn: Turn) -> None:
        """Note which capabilities a client has enabled."""
        client = self._client(turn)
        if client is not None:
            client.caps = msg.caps
            if metadata.CAP not in msg.caps:
                client.subs = frozenset()

    @on(LagMeasured)
    def lag_measured(self, msg: LagMeasured, turn: Turn) -> None:
        """Note how long a client takes to answer."""
        client = self._client(turn)
        if client is not None:
            sessions.lag_measured(self.user, client, msg, turn)
            self._deliver(turn)

    @on(sessions.SurveyOver)
    def survey_over(self, msg: sessions.SurveyOver, turn: Turn) -> None:
        """List the clients, whoever has not answered."""
        sessions.survey_over(self.user, msg.request, turn)
        self._deliver(turn)

    @on(ClientLeft)
    def client_left(self, msg: ClientLeft, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Forget a client."""
        if turn.sender is not None:
            attaching.leave(self.user, turn.sender.path, turn)
            self._deliver(turn)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:
        """Forget a client whose actor has failed.

        Raises:
            RuntimeError: the store has failed, and with it what waited there. Buffers would wait for
                it for ever, so this actor begins anew, from what is stored.
        """
        if msg.ref.unmarked == self.user.store.path:
            raise RuntimeError(f"the store has failed: {msg.reason}")
        attaching.leave(self.user, msg.ref.path, turn)
        self._deliver(turn)

    # --- servers

    @on(UpstreamTrying)
    def upstream_trying(self, msg: UpstreamTrying, turn: Turn) -> None:
        """Note that a network is being connected."""
        network = self.user.networks.get(msg.network)
        if network is not None and turn.sender == network.upstream:
            connecting.trying(self.user, network, turn)
            self._deliver(turn)

    @on(UpstreamUp)
    def upstream_up(self, msg: UpstreamUp, turn: Turn) -> None:
        """Begin with a connection."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            connecting.up(self.user, network, msg, turn)
            self._deliver(turn)

    @on(UpstreamCaps)
    def upstream_caps(self, msg: UpstreamCaps, turn: Turn) -> None:
        """Note the capabilities of a connection."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            connecting.caps(self.user, network, msg, turn)
            self._deliver(turn)

    @on(UpstreamSaid)
    def upstream_said(self, msg: UpstreamSaid, turn: Turn) -> None:
        """Handle what a server says; its credit waits while too much waits for the database."""
        user = self.user
        network = user.networks.get(msg.network)
        if network is None or turn.sender != network.upstream:
            return
        wall = turn.wall
        for line in msg.lines:
            if not take_talk(user, network, line, wall):
                dispatch(Said(user, network, parse_message(line), turn, wall))
        self._deliver(turn)
        if network.uncommitted > UNCOMMITTED:
            network.owed += 1
        else:
            turn.send(network.upstream, Taken(1))

    @on(UpstreamDown)
    def upstream_down(self, msg: UpstreamDown, turn: Turn) -> None:
        """End with a connection."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            (placing.misplaced if msg.misplaced else connecting.down)(self.user, network, msg, turn)
            self._deliver(turn)

    @on(StsSeen)
    def sts_seen(self, msg: StsSeen, turn: Turn) -> None:
        """Remember how a host wants to be connected to."""
        network = self.user.networks.get(msg.network)
        if network is not None and turn.sender == network.upstream:
            sts.seen(self.user, msg, turn)

    @on(ForwardRefused)
    def forward_refused(self, msg: ForwardRefused, turn: Turn) -> None:
        """Tell who gave a command, or all clients if nobody did, that it did not reach the server."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            refused(self.user, network, msg, turn)
            self._deliver(turn)

    @on(AnswersDue)
    def answers_due(self, msg: AnswersDue, turn: Turn) -> None:
        """Answer what a server did not."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            unanswered.due(self.user, network, turn)
            self._deliver(turn)

    @on(JoinSaved)
    def join_saved(self, msg: JoinSaved, turn: Turn) -> None:
        """Join the saved channels, when the connect commands have had their time."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            connecting.join_saved(network, turn)

    @on(RegainNick)
    def regain_nick(self, msg: RegainNick, turn: Turn) -> None:
        """Try for the nick that the user wants."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            regain.try_again(self.user, network, turn)
            self._deliver(turn)

    @on(DetachIdle)
    def detach_idle(self, msg: DetachIdle, turn: Turn) -> None:
        """Detach a channel in which nothing has been said for long."""
        network = self.user.networks.get(msg.network)
        if network is not None:
            detach_if_idle(self.user, network, msg.channel, turn)
            self._deliver(turn)

    # --- history

    @on(LinesCommitted)
    def lines_committed(self, msg: LinesCommitted, turn: Turn) -> None:
        """Give back the credit that was held while messages waited for the database."""
        committed(self.user, msg, turn)

    @on(StorageState)
    def storage_state(self, msg: StorageState, turn: Turn) -> None:
        """Tell the clients once that history cannot be stored, and once that it can."""
        self.user.problem = msg.problem
        text = (
            f"History cannot be stored now, messages wait: {msg.problem}" if msg.problem else "History is stored again"
        )
        attaching.tell_urgently(self.user, text, turn)

    @on(NameAgain)
    def name_again(self, msg: NameAgain, turn: Turn) -> None:
        """Store the name of a client that could not be stored."""
        naming.store(self.user, msg.job, turn)

    # --- answers

    @on(Saved)
    def saved(self, msg: Saved, turn: Turn) -> None:
        """Go on with what waited for a setting to be stored."""
        answered(self.user, msg.request, msg, turn)
        self._deliver(turn)

    @on(WriteFailed)
    def write_failed(self, msg: WriteFailed, turn: Turn) -> None:
        """Go on with a failure, or tell the clients where nothing waited for it."""
        self._failed(msg.request, msg, msg.reason, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Do the same where a service's own code has failed."""
        if isinstance(msg.job, LoadSettings):
            self.read_failed(ReadFailed("internal error"), turn)
            return
        request = getattr(msg.job, "request", 0)
        self._failed(request, WriteFailed(f"internal error: {msg.reason}", transient=False), msg.reason, turn)

    @on(CertificateMade)
    def certificate_made(self, msg: CertificateMade, turn: Turn) -> None:
        """Go on with a new certificate."""
        answered(self.user, msg.request, msg, turn)
        self._deliver(turn)

    @on(Probed)
    def probed(self, msg: Probed, turn: Turn) -> None:
        """Go on with a network that a client has named by its address."""
        answered(self.user, msg.request, msg, turn)
        self._deliver(turn)

    @on(CertificatesListed)
    def certificates_listed(self, msg: CertificatesListed, turn: Turn) -> None:
        """Go on with what the registry has told of certificates."""
        answered(self.user, msg.request, msg, turn)
        self._deliver(turn)

    @on(AdminDone)
    def admin_done(self, msg: AdminDone, turn: Turn) -> None:
        """Go on with what the registry or another user has answered."""
        answered(self.user, msg.request, msg, turn)
        self._deliver(turn)

    @on(RunCommand)
    def run_command(self, msg: RunCommand, turn: Turn) -> None:
        """Run a service command for an admin elsewhere, once the settings are there."""
        if not self.loaded:
            if turn.sender is not None:
                turn.send(turn.sender, AdminDone(msg.request, error="The user is still being loaded, try again"))
            return
        service.run_for(self.user, msg, turn)
        self._deliver(turn)

    @on(Broadcast)
    def broadcast(self, msg: Broadcast, turn: Turn) -> None:
        """Show an admin's text to every client."""
        attaching.tell(self.user, msg.text)
        self._deliver(turn)

    # ---

    def _command(self, client: Client, message: Message, turn: Turn) -> None:
        user = self.user
        frame = framing.begin(user, client, message)
        call = Call(user, client, message, turn, user.network_of(client), frame)
        with framing.part_of(user, call.feed, frame):
            carry_out(call)

    def _watch_storage(self, turn: Turn) -> None:
        turn.send(self.user.store, WatchStorage(turn.me, self.user.mandate))
        turn.after("load", LOAD_AGAIN, LoadAgain())

    def _failed(self, request: int, answer: WriteFailed, reason: str, turn: Turn) -> None:
        if answer.lapsed:
            attaching.end(self.user, attaching.MOVED, turn)
            return
        pending = answered(self.user, request, answer, turn)
        if pending is None or not pending.then:
            log.warning("%s: a setting was not stored: %s", turn.me.path, reason)
            attaching.tell_urgently(self.user, f"A setting could not be stored: {reason}", turn)
        self._deliver(turn)

    def _client(self, turn: Turn) -> Client | None:
        return self.user.clients.get(turn.sender.path) if turn.sender is not None else None

    def _deliver(self, turn: Turn) -> None:
        """Send what the turn has recorded to the buffers, and what it shows to the clients."""
        user = self.user
        if user.touched:
            append_fresh(user, turn)
        if user.unsynced:
            monitoring.sync(user, turn)
        user.lobby.deliver(user.unbound(), turn)
        counts = counts_of(user)
        if counts != self.counts:
            self.counts = counts
            turn.send(user.registry, counts)
        for network in user.networks.values():
            network.feed.deliver(network.clients, turn)
