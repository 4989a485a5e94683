"""The upstream actor."""

import logging
from collections.abc import Iterable, Sequence

from actors import (
    Actor,
    BytesReceived,
    Closed,
    Congested,
    Down,
    Drained,
    Link,
    Opened,
    OpenFailed,
    ServiceFailed,
    Turn,
    Window,
    on,
)
from soju_actors.irc.message import Message, parse_message
from soju_actors.messages.pacer import AskToDial, DialEnded
from soju_actors.messages.upstream import (
    DialGranted,
    DialRefused,
    Disconnect,
    Forward,
    Reconnect,
    RememberSts,
    SaslStored,
    Taken,
    UpstreamArgs,
    WantNick,
)
from soju_actors.messages.user import ForwardRefused, StsSeen, UpstreamDown, UpstreamSaid, UpstreamTrying
from soju_actors.policy.address import Address
from soju_actors.policy.backoff import Backoff
from soju_actors.policy.rate import TOLERANCE
from soju_actors.policy.sts import refresh_after, upgraded
from soju_actors.ports.passwords import ProveScram, ScramProved
from soju_actors.ports.protocols import ToUpstream
from soju_actors.upstream.alarms import ALARMS, HOLD, HoldDue, LinesDue, RegistrationDue, RetryDue, SilenceDue, StsDue
from soju_actors.upstream.dialing import dial, explained, way_to
from soju_actors.upstream.outgoing import format_line
from soju_actors.upstream.registration import Identity
from soju_actors.upstream.relay import News, Relay
from soju_actors.upstream.session import OWN, PING_TOKEN, quit_message
from soju_actors.upstream.state import ATTEMPT, OPEN, Connection, Phase
from soju_actors.upstream.tracing import log_lines

log = logging.getLogger(__name__)

WINDOW = 4
"""Batches that the user actor need not have taken."""
PACER_AGAIN = 1.0
"""Seconds after which a pacer that has failed is asked again."""


class UpstreamActor(Actor[ToUpstream]):
    """Holds the connection of a user to one network: bytes in and out, life and death.

    All that it knows of IRC is in its session, which does no IO. There is never more
    than one connection: after QUIT the next one waits for the end of the last.
    """

    __slots__ = (
        "address",
        "attempt",
        "backoff",
        "connection",
        "identity",
        "pacer",
        "phase",
        "relay",
        "settings",
        "sts",
        "user",
        "wanted",
    )

    def __init__(self, args: UpstreamArgs) -> None:
        self.user = args.user
        self.pacer = args.pacer
        self.settings = args.settings
        self.identity = Identity(args.network, args.nick, args.username, args.realname)
        self.sts = args.sts
        self.address = Address()
        self.attempt = 0
        self.backoff = Backoff()
        self.relay = Relay(Window(WINDOW))
        self.phase = Phase.AWAY
        self.connection: Connection | None = None
        self.wanted = True
        """Whether to connect again after LEAVING."""

    def started(self, turn: Turn) -> None:
        """Connect."""
        self._ask(turn)

    def stopping(self, turn: Turn) -> None:
        """Take leave of the server."""
        self._quit("The bouncer is stopping", turn)

    # To a connection

    def _ask(self, turn: Turn) -> None:
        """Begin an attempt: ask the pacer."""
        try:
            self.address, egress = way_to(self.identity.network, self.sts, turn.wall)
        except ValueError as error:
            self._ended(str(error), turn, for_good=True)
            return
        self.phase = Phase.ASKING
        self.attempt += 1
        turn.watch(self.pacer)
        turn.send(self.pacer, AskToDial(self.address.place, self.attempt, egress))
        self._tell(UpstreamTrying(self.identity.network.id), turn)

    @on(DialGranted)
    def dial_granted(self, msg: DialGranted, turn: Turn) -> None:
        """Dial, if that attempt is still wanted; if not, the pacer has been told."""
        if self.phase is not Phase.ASKING or msg.attempt != self.attempt:
            return
        turn.unwatch(self.pacer)
        self._dial(turn)

    @on(DialRefused)
    def dial_refused(self, msg: DialRefused, turn: Turn) -> None:
        """Stay away: the user actor starts another one where the network is to be connected."""
        if self.phase is Phase.ASKING and msg.attempt == self.attempt:
            log.warning("%s: not connected to %s: %s", turn.me.path, self.identity.network.addr, msg.reason)
            self._end_attempt(turn)
            self.phase = Phase.AWAY
            self._tell(UpstreamDown(self.identity.network.id, msg.reason, False, None, misplaced=True), turn)

    def _dial(self, turn: Turn) -> None:
        self.phase = Phase.DIALING
        self.connection = dial(turn, self.identity, self.address, self.settings)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:
        """Ask again when the pacer has failed, which forgot the question."""
        if msg.ref.unmarked == self.pacer.path and self.phase is Phase.ASKING:
            self.phase = Phase.WAITING
            turn.after("retry", PACER_AGAIN, RetryDue())

    @on(Opened)
    def opened(self, msg: Opened, turn: Turn) -> None:
        """Begin to register."""
        connection = self._of(msg.link)
        if connection is None or self.phase is not Phase.DIALING:
            return
        log.debug("%s: connected to %s, from %s", turn.me.path, msg.remote, msg.local)
        self.phase = Phase.REGISTERING
        turn.after("registration", self.settings.registration_timeout, RegistrationDue())
        try:
            self._write(connection.session.start(), connection, turn)
            if connection.session.registration.held:
                turn.after("hold", HOLD, HoldDue())
        except ValueError as error:
            self._fail(f"the settings cannot be sent to a server: {error}", turn, for_good=True)

    @on(OpenFailed)
    def open_failed(self, msg: OpenFailed, turn: Turn) -> None:
        """Try again later."""
        if self._of(msg.link):
            self._ended(explained(msg.reason, self.identity.network, self.address), turn)

    @on(HoldDue)
    def hold_due(self, msg: HoldDue, turn: Turn) -> None:  # noqa: ARG002 - an alarm
        """Go on without the server's capabilities."""
        connection = self.connection
        if connection is not None and self.phase is Phase.REGISTERING:
            self._write(connection.session.wait_no_longer(), connection, turn)

    @on(RegistrationDue)
    def registration_due(self, msg: RegistrationDue, turn: Turn) -> None:  # noqa: ARG002 - an alarm
        """Give up a server that does not welcome us (unlike row LIF-05)."""
        self._fail(f"the server did not welcome us within {self.settings.registration_timeout:g} seconds", turn)

    # What the server says

    @on(BytesReceived)
    def bytes_received(self, msg: BytesReceived, turn: Turn) -> None:
        """Pass on what was read, all of it at once."""
        connection = self._of(msg.link)
        if connection is None or self.phase not in OPEN:
            return
        connection.heard_at = turn.now
        session = connection.session
        lines, commands = session.cut(msg.data)
        log_lines(turn.me.path, "<", lines)
        if session.skipped > connection.skipped:
            connection.skipped = session.skipped
            log.warning("%s: the server has sent lines that are too long or not IRC: %d", turn.me.path, session.skipped)
        if not session.up or not OWN.isdisjoint(commands):
            self._converse(lines, connection, turn)
        elif lines:
            self._tell(UpstreamSaid(self.identity.network.id, tuple(lines)), turn)
        if self.relay.held and not connection.paused and self.connection is connection:
            connection.paused = True
            turn.pause(connection.link)

    def _converse(self, lines: list[str], connection: Connection, turn: Turn) -> None:
        """Let the session answer."""
        session = connection.session
        before = session.sts
        answers, tidings = session.receive(map(parse_message, lines))
        self._write(answers, connection, turn)
        for news in tidings:
            self._tell(news, turn)
        if session.unsafe:
            self._secure(connection, turn)
            return
        if session.sts != before:
            self._tell_sts(connection, turn)
        if task := session.login.take_task():
            turn.perform("hasher", ProveScram(task))
        self._go_on(connection, turn)

    @on(ScramProved)
    def scram_proved(self, msg: ScramProved, turn: Turn) -> None:
        """Answer the server's challenge."""
        connection = self.connection
        if connection is not None and self.phase in OPEN:
            self._write(connection.session.proved(msg.nonce, msg.proof, msg.problem), connection, turn)
            self._go_on(connection, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Give up a login that cannot be proved."""
        if isinstance(msg.job, ProveScram):
            self.scram_proved(ScramProved(msg.job.task.nonce, None, "internal error"), turn)

    def _go_on(self, connection: Connection, turn: Turn) -> None:
        """Take the step that the session is ready for."""
        session = connection.session
        if session.failure:
            self._fail(session.failure.reason, turn, for_good=session.failure.for_good)
        elif session.up and self.phase is Phase.REGISTERING:
            self._registered(connection, turn)
        if connection.outgoing.limited is session.safe_rate:
            connection.outgoing.limited = not session.safe_rate
            self._send_lines(connection, turn)

    # Strict Transport Security

    def _secure(self, connection: Connection, turn: Turn) -> None:
        """Connect by TLS, before the server is told anything secret; it has said that it wants that (row AUP-08)."""
        if self.phase is Phase.UP:
            self._fail("the server wants TLS (STS)", turn)  # the next connection will hear it in time
            return
        log.info("%s: %s wants TLS (STS)", turn.me.path, self.identity.network.addr)
        turn.cancel("registration")
        turn.cancel("hold")
        turn.abort(connection.link)
        self.address = upgraded(self.address, connection.session.sts.port or self.address.port)
        self._dial(turn)

    def _tell_sts(self, connection: Connection, turn: Turn) -> None:
        """Have the server's wish for TLS remembered; only a connection by TLS proves that it is its own."""
        duration = connection.session.sts.duration
        if duration is None or not self.address.tls:
            return
        network = self.identity.network.id
        turn.send(self.user, StsSeen(network, self.address.host, self.address.port, duration))
        if duration:
            turn.after("sts", refresh_after(duration), StsDue())

    @on(StsDue)
    def sts_due(self, msg: StsDue, turn: Turn) -> None:  # noqa: ARG002 - an alarm
        """Set the expiry anew while the connection goes on."""
        if self.connection is not None:
            self._tell_sts(self.connection, turn)

    @on(RememberSts)
    def remember_sts(self, msg: RememberSts, turn: Turn) -> None:  # noqa: ARG002 - for later
        """Remember it for the next connection."""
        self.sts = msg.policy

    def _registered(self, connection: Connection, turn: Turn) -> None:
        self.phase = Phase.UP
        connection.up_at = turn.now
        turn.cancel("registration")
        turn.cancel("hold")
        turn.after("silence", self.settings.ping_after, SilenceDue())
        turn.send(self.pacer, DialEnded(self.address.place))
        problem = connection.session.login.problem
        if problem:
            log.warning("%s: not logged in to %s: %s", turn.me.path, self.identity.network.addr, problem)
        log.info("%s: registered at %s", turn.me.path, self.identity.network.addr)

    @on(Taken)
    def taken(self, msg: Taken, turn: Turn) -> None:
        """Tell what had to wait, and read on."""
        for news in self.relay.taken(msg.batches):
            turn.send(self.user, news)
        connection = self.connection
        if connection is not None and connection.paused and not self.relay.held:
            connection.paused = False
            connection.heard_at = turn.now
            turn.resume(connection.link)

    @on(SilenceDue)
    def silence_due(self, msg: SilenceDue, turn: Turn) -> None:  # noqa: ARG002 - an alarm
        """PING a silent server, and give up one that does not answer (unlike row LIF-05)."""
        connection = self.connection
        if connection is None or self.phase is not Phase.UP:
            return
        ping_after, deadline = self.settings.ping_after, self.settings.read_deadline
        silence = 0.0 if connection.paused else turn.now - connection.heard_at
        if silence >= deadline - TOLERANCE:
            self._fail(f"the server has said nothing for {deadline:g} seconds, not even to PING", turn)
        elif silence >= ping_after - TOLERANCE:
            self._write([Message("PING", (PING_TOKEN,))], connection, turn)
            turn.after("silence", deadline - silence, SilenceDue())
        else:
            turn.after("silence", ping_after - silence, SilenceDue())

    # What the server is told

    @on(Forward)
    def forward(self, msg: Forward, turn: Turn) -> None:
        """Send messages as fast as the server likes."""
        connection = self.connection
        if connection is None or self.phase is not Phase.UP:
            return
        for unit in [msg.messages] if msg.together else [(message,) for message in msg.messages]:
            try:
                lines = [format_line(message) for message in unit]
            except ValueError as error:
                self._refuse(unit[0], f"it cannot be sent: {error}", turn)
                continue
            if not connection.outgoing.put(*lines, now=turn.now):
                self._refuse(unit[0], f"{self.settings.queue} messages are waiting to be sent already", turn)
        self._send_lines(connection, turn)

    @on(LinesDue)
    def lines_due(self, msg: LinesDue, turn: Turn) -> None:  # noqa: ARG002 - an alarm
        """Send on."""
        if self.connection is not None:
            self._send_lines(self.connection, turn)

    @on(Congested)
    def congested(self, msg: Congested, turn: Turn) -> None:  # noqa: ARG002 - nothing to do
        """Let lines wait in the bounded queue while the server does not read."""
        connection = self._of(msg.link)
        if connection is not None:
            connection.outgoing.congested = True

    @on(Drained)
    def drained(self, msg: Drained, turn: Turn) -> None:
        """Send on."""
        connection = self._of(msg.link)
        if connection is not None:
            connection.outgoing.congested = False
            self._send_lines(connection, turn)

    def _send_lines(self, connection: Connection, turn: Turn) -> None:
        self._write_lines(connection.outgoing.take(turn.now), connection, turn)
        wait = connection.outgoing.wait(turn.now)
        if wait is not None:
            turn.after("lines", wait, LinesDue())

    # From a connection

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:
        """Try again, or do what LEAVING was for."""
        connection = self._of(msg.link)
        if connection is None:
            return
        if self.phase is not Phase.LEAVING:
            self._ended(connection.session.error or msg.reason, turn, clean=msg.clean)
            return
        self.connection = None
        if self.wanted:
            self._ask(turn)
        else:
            self.phase = Phase.AWAY

    @on(RetryDue)
    def retry_due(self, msg: RetryDue, turn: Turn) -> None:  # noqa: ARG002 - an alarm
        """Connect again."""
        if self.phase is Phase.WAITING:
            self._ask(turn)

    @on(Disconnect)
    def disconnect(self, msg: Disconnect, turn: Turn) -> None:
        """Leave the server, or stop trying."""
        registered = self.phase is Phase.UP
        ends = registered or self.phase in ATTEMPT
        self.wanted = False
        self._leave(msg.reason, turn)
        if ends:
            log.info("%s: disconnected from %s", turn.me.path, self.identity.network.addr)
            self._tell(UpstreamDown(self.identity.network.id, msg.reason, registered, msg.retry), turn)

    @on(Reconnect)
    def reconnect(self, msg: Reconnect, turn: Turn) -> None:
        """Begin anew with other settings."""
        registered = self.phase is Phase.UP
        self._leave("Reconnecting", turn)
        if registered:
            self._tell(UpstreamDown(self.identity.network.id, "the settings have changed", True, 0.0), turn)
        self.identity = Identity(msg.network, msg.nick, msg.username, msg.realname)
        self.sts = msg.sts
        self.backoff.reset()
        self.wanted = True
        if self.phase is Phase.AWAY:
            self._ask(turn)

    @on(WantNick)
    def want_nick(self, msg: WantNick, turn: Turn) -> None:  # noqa: ARG002 - for later
        """Remember the nick."""
        self.identity = self.identity._replace(nick=msg.nick)

    @on(SaslStored)
    def sasl_stored(self, msg: SaslStored, turn: Turn) -> None:  # noqa: ARG002 - for later
        """Remember the credentials."""
        self.identity = self.identity._replace(network=msg.network)

    def _leave(self, reason: str, turn: Turn) -> None:
        """End what there is: LEAVING if there is a server to wait for, else AWAY."""
        if self.connection is not None:
            self._tell_sts(self.connection, turn)
        self._end_attempt(turn)
        if self.connection is None:
            self.phase = Phase.AWAY
        elif self.phase in OPEN:
            self._quit(reason, turn)
            self.phase = Phase.LEAVING
        elif self.phase is Phase.DIALING:
            turn.abort(self.connection.link)
            self.connection = None
            self.phase = Phase.AWAY

    def _quit(self, reason: str, turn: Turn) -> None:
        """Say QUIT and close, once that is written."""
        connection = self.connection
        if connection is not None and self.phase in OPEN:
            self._write([quit_message(reason)], connection, turn)
            turn.close(connection.link)

    def _fail(self, reason: str, turn: Turn, *, for_good: bool = False) -> None:
        """Give up the connection."""
        if self.connection is not None:
            turn.abort(self.connection.link)
        self._ended(reason, turn, for_good=for_good)

    def _ended(self, reason: str, turn: Turn, *, clean: bool = False, for_good: bool = False) -> None:
        """Tell that an attempt or a connection has ended, and wait for the next one if there is to be one."""
        connection, self.connection = self.connection, None
        if connection is not None:
            self._tell_sts(connection, turn)
        up_for = turn.now - connection.up_at if connection is not None and self.phase is Phase.UP else None
        self._end_attempt(turn)
        retry = None if for_good else self.backoff.delay(up_for, clean=clean, rng=turn.rng)
        if retry is None:
            self.phase = Phase.AWAY
        else:
            self.phase = Phase.WAITING
            turn.after("retry", retry, RetryDue())
        again = "none" if retry is None else f"{retry:.1f}"
        addr = self.identity.network.addr
        log.warning("%s: %s: %s; seconds to the next attempt: %s", turn.me.path, addr, reason, again)
        self._tell(UpstreamDown(self.identity.network.id, reason, up_for is not None, retry), turn)

    def _end_attempt(self, turn: Turn) -> None:
        """Take back what was asked of the pacer and of the clock."""
        if self.phase is Phase.ASKING:
            turn.unwatch(self.pacer)
        if self.phase in ATTEMPT:
            turn.send(self.pacer, DialEnded(self.address.place))
        for name in ALARMS:
            turn.cancel(name)

    # In common

    def _of(self, link: Link) -> Connection | None:
        """Return the connection of a link; events of an earlier one may still come."""
        return self.connection if self.connection is not None and self.connection.link == link else None

    def _tell(self, news: News, turn: Turn) -> None:
        """Tell the user actor, now or when it has caught up."""
        if self.relay.offer(news):
            turn.send(self.user, news)

    def _write(self, messages: Iterable[Message], connection: Connection, turn: Turn) -> None:
        """Write at once, before all that waits."""
        self._write_lines([str(message) for message in messages], connection, turn)

    def _write_lines(self, lines: Sequence[str], connection: Connection, turn: Turn) -> None:
        if lines:
            log_lines(turn.me.path, ">", lines)
            turn.write(connection.link, connection.session.encode(lines))

    def _refuse(self, message: Message, reason: str, turn: Turn) -> None:
        turn.send(self.user, ForwardRefused(self.identity.network.id, message, reason))
