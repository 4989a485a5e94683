"""The downstream actor."""

import logging
from collections import deque
from collections.abc import Sequence

import msgspec

from actors import Actor, BytesReceived, Closed, Congested, Down, Drained, Ref, Turn, Window, on
from soju_actors.downstream.answering import Answering
from soju_actors.downstream.answers import Answer
from soju_actors.downstream.attaching import attach_for
from soju_actors.downstream.attempts import Attempt, request_for
from soju_actors.downstream.lag import Lag
from soju_actors.downstream.limits import BATCHES, FLUSH, LEAST_CREDIT
from soju_actors.downstream.offering import early_isupport, mechanisms_for, offered_to
from soju_actors.downstream.outbox import Outbox
from soju_actors.downstream.phase import SILENT, Phase
from soju_actors.downstream.receipts import Receipts
from soju_actors.downstream.registration import RefusedError, Registration
from soju_actors.downstream.resuming import AGAIN, Resumed, Resuming
from soju_actors.downstream.said import lines_from, log_lines
from soju_actors.downstream.sasl import Sasl
from soju_actors.irc.batch import BatchNames
from soju_actors.irc.cap_table import PASSTHROUGH, in_force
from soju_actors.irc.caps import CapNegotiation
from soju_actors.irc.errors import ParseError, ReplyError, StandardReply
from soju_actors.irc.filtering import View
from soju_actors.irc.framing import CLIENT_TAGS_LIMIT, LineReader, body_limit, encode_lines
from soju_actors.irc.labels import label_of
from soju_actors.irc.message import Message, parse_message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import reply_to
from soju_actors.messages.buffer import Acknowledge, MoreCredit, ViewChanged
from soju_actors.messages.downstream import (
    Attached,
    AttachRefused,
    CloseClient,
    CommandsTaken,
    Deliver,
    DownstreamAlarm,
    DownstreamArgs,
    LoginAccepted,
    LoginRefused,
    MeasureLag,
    OfferCaps,
    Page,
    Renamed,
    ScramParameters,
    StoredUpTo,
)
from soju_actors.messages.listener import LoggedIn
from soju_actors.messages.user import ClientCaps, ClientLeft, ClientSaid
from soju_actors.policy.rate import TokenBucket
from soju_actors.ports.protocols import ToDownstream, ToUser

log = logging.getLogger(__name__)

EXTENDED_ISUPPORT = "draft/extended-isupport"
WRITE = DownstreamAlarm("write")


class DownstreamActor(Answering, Resumed, Actor[ToDownstream]):
    """Holds the connection of one client: bytes in and out, capabilities, login, and the outbox."""

    __slots__ = (
        "args",
        "caps",
        "commands",
        "congested",
        "filled",
        "heard",
        "inbox",
        "lag",
        "nick",
        "outbox",
        "paused",
        "phase",
        "reader",
        "receipts",
        "registration",
        "resuming",
        "told_isupport",
        "tries",
        "user",
        "window",
    )

    def __init__(self, args: DownstreamArgs) -> None:
        settings = args.settings
        self.args = args
        self.phase = Phase.NEW
        self.nick = "*"
        self.user: Ref[ToUser] | None = None
        line_bytes = CLIENT_TAGS_LIMIT + body_limit(settings.line_bytes)
        self.reader = LineReader(line_bytes, tags=CLIENT_TAGS_LIMIT)
        mechanisms = mechanisms_for(args)
        self.caps = CapNegotiation(offered_to(args, mechanisms), settings.hostname, tentative=set(PASSTHROUGH))
        self.registration = Registration(sasl=Sasl(mechanisms))
        self.inbox: deque[Message] = deque()
        """Commands that wait for a login, for credit, or for the rate limit."""
        self.paused = False
        self.window = Window(BATCHES)
        every = 1 / settings.commands_per_second
        self.commands = TokenBucket(settings.command_burst, every)
        self.outbox = Outbox(View.of(frozenset()), BatchNames("h"), settings.hostname)
        self.receipts = Receipts()
        self.lag = Lag()
        self.resuming = Resuming()
        self.congested = False
        self.filled = False
        """A page has come since the last flush, and another is due."""
        self.heard = 0.0
        self.tries = 0
        self.told_isupport = False

    def started(self, turn: Turn) -> None:
        """Wait for the client, but not for ever (row PRE-13)."""
        self.heard = turn.now
        turn.after("registration", self.args.settings.registration_time, DownstreamAlarm("registration"))

    def stopping(self, turn: Turn) -> None:
        """Tell the client, unless that was done."""
        self._close("The bouncer is shutting down", turn)

    # --- the socket

    @on(BytesReceived)
    def bytes_received(self, msg: BytesReceived, turn: Turn) -> None:
        """Cut what came into commands, and handle them."""
        if self.phase is Phase.CLOSING:
            return
        self.heard = turn.now
        try:
            lines = self.reader.receive(msg.data)
            log_lines(turn.me.path, "<", lines)
            self.inbox.extend([parse_message(line) for line in lines])
        except ParseError as error:
            self._close(f"Your client has sent what is not IRC: {error}", turn)
            return
        self._work(turn)

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:
        """End with the connection."""
        if self.user is not None:
            turn.send(self.user, ClientLeft(msg.reason))
            log.info("%s: left: %s", turn.me.path, msg.reason)
        self.phase = Phase.CLOSING
        turn.stop()

    @on(Congested)
    def congested_(self, msg: Congested, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Hold lines back: the client does not read."""
        self.congested = True

    @on(Drained)
    def drained(self, msg: Drained, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Go on writing."""
        self.congested = False
        self._flush(turn)

    @on(DownstreamAlarm)
    def alarm(self, msg: DownstreamAlarm, turn: Turn) -> None:
        """Something has taken too long, or may go on."""
        if msg.what == "registration" and self.phase is not Phase.ATTACHED:
            self._close("Registration took too long", turn)
        elif msg.what == "abort":
            turn.abort(self.args.link)
            turn.stop()
        elif msg.what == "write":
            self.filled = False
            self._flush(turn)
        elif msg.what == "rate":
            self._work(turn)
        elif msg.what == "resume":
            self._attach(turn)
        elif msg.what == "silence":
            self._keep_alive(turn)

    # --- login

    @on(LoginAccepted)
    def login_accepted(self, msg: LoginAccepted, turn: Turn) -> None:
        """Go on with registration."""
        turn.send(self.args.listener, LoggedIn())
        self._say(turn, *self.registration.accepted(msg))
        self._work(turn)
        self._register(turn)

    @on(ScramParameters)
    def scram_parameters(self, msg: ScramParameters, turn: Turn) -> None:
        """Go on with SCRAM."""
        nonce = f"{turn.rng.getrandbits(144):036x}"
        self._say(turn, *self.registration.salted(nonce, msg.salt, msg.iterations))
        self._work(turn)

    @on(LoginRefused)
    def login_refused(self, msg: LoginRefused, turn: Turn) -> None:
        """Tell the client; with SASL it may try again (row PRE-06)."""
        self.registration.refused()
        self.tries += 1
        if self.registration.by_sasl and not msg.fatal and self.tries < self.args.settings.login_tries:
            self._say(turn, Message(Numeric.ERR_SASLFAIL, (self.nick, msg.reason)))
            self._work(turn)
            return
        numeric = Numeric.ERR_SASLFAIL if self.registration.by_sasl else Numeric.ERR_PASSWDMISMATCH
        self._say(turn, Message(numeric, (self.nick, msg.reason)))
        self._close(msg.reason, turn)

    @on(Attached)
    def attached(self, msg: Attached, turn: Turn) -> None:
        """Registration is complete: commands go to the user actor from now on."""
        self.phase = Phase.ATTACHED
        self.nick = self.caps.nick = msg.nick
        if self.resuming.attached():
            self._write(self.outbox.open_batches(), turn)
            self.outbox, self.window, self.lag = self.outbox.begin_again(), Window(BATCHES), Lag()
            self.receipts.forget()
            for command, error in self.resuming.unanswered():
                self._refuse(command, error, turn)
        login = "{}/{}@{}".format(*self.registration.who())
        log.info("%s: %r has come from %s", turn.me.path, login, self.args.remote)
        turn.cancel("registration")
        turn.after("silence", self.args.settings.ping_after, DownstreamAlarm("silence"))
        self._work(turn)

    @on(AttachRefused)
    def attach_refused(self, msg: AttachRefused, turn: Turn) -> None:
        """Tell the client why it cannot be attached, and close."""
        self._write([msg.line], turn)
        self._close("Registration failed", turn)

    @on(Renamed)
    def renamed(self, msg: Renamed, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Note the nick."""
        self.nick = self.caps.nick = msg.nick

    # --- what the client gets

    @on(Deliver)
    def deliver(self, msg: Deliver, turn: Turn) -> None:
        """Put slots into the outbox, and send what can go."""
        if msg.urgent:
            self._flush(turn)
            self._write(self.outbox.urgent(msg.slots), turn)
            return
        for slot in msg.slots:
            self.outbox.put(slot)
        self._flush(turn)
        if self.congested and self.outbox.size > self.args.settings.send_queue:
            self._close("Your client does not read what it is sent", turn)

    @on(Page)
    def page(self, msg: Page, turn: Turn) -> None:
        """Take in messages of a buffer; what can go is sent behind all pages that have come with this one."""
        if turn.sender is not None:
            self.outbox.put_page(msg, turn.sender)
            if not self.filled:
                self.filled = True
                turn.send(turn.me, WRITE)

    @on(StoredUpTo)
    def stored_up_to(self, msg: StoredUpTo, turn: Turn) -> None:
        """Send what has waited for messages that this client is not shown."""
        self.outbox.stored_up_to(msg.buffer, msg.end)
        self._flush(turn)

    def answer(self, answer: Answer, turn: Turn) -> None:
        """Send the answer to a question."""
        self.outbox.answer(answer)
        self._flush(turn)

    # --- capabilities and credit

    @on(OfferCaps)
    def offer_caps(self, msg: OfferCaps, turn: Turn) -> None:
        """Tell the client which capabilities have come and gone (row CAPM-04)."""
        before = frozenset(self.caps.enabled)
        replies = [*self.caps.withdraw(msg.withdraw), *self.caps.offer(msg.offer)]
        self._say(turn, *replies)
        self._caps_changed(before, turn)

    @on(CommandsTaken)
    def commands_taken(self, msg: CommandsTaken, turn: Turn) -> None:
        """Send the user actor what waited for credit."""
        self.window.give(msg.batches)
        self.resuming.handled(msg.batches)
        if self.inbox:
            self._work(turn)

    @on(MeasureLag)
    def measure_lag(self, msg: MeasureLag, turn: Turn) -> None:
        """Ask the client to answer."""
        if token := self.lag.ask(msg.request, turn.now):
            self._say(turn, Message("PING", (token,)))

    @on(CloseClient)
    def close_client(self, msg: CloseClient, turn: Turn) -> None:
        """Close."""
        if not (msg.goes_on and self.args.settings.resume_time):
            self._flush(turn)
            self._close(msg.reason, turn)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Wait for the user to run on another node; or close: a client that connects again finds the next actor."""
        if self.resuming.may_wait(turn.now, self.args.settings.resume_time) and self.phase is not Phase.CLOSING:
            if self.phase is Phase.ATTACHED:
                self.phase = Phase.LOST
            turn.after("resume", AGAIN, DownstreamAlarm("resume"))
            return
        self.user = None
        self._close("Internal error, connect again", turn)

    # ---

    def _work(self, turn: Turn) -> None:
        """Handle the commands that wait, as far as that is possible now; read no further while some wait."""
        while self.inbox and self.phase is Phase.NEW and not self.registration.checking:
            self._before_login(self.inbox.popleft(), turn)
        if self.phase is Phase.ATTACHED:
            self._pass_on(turn)
        if bool(self.inbox) is not self.paused and self.phase is not Phase.CLOSING:
            self.paused = bool(self.inbox)
            (turn.pause if self.paused else turn.resume)(self.args.link)

    def _before_login(self, message: Message, turn: Turn) -> None:
        """Handle a command before the client is attached."""
        if message.command == "QUIT":
            self._close("Quit", turn)
            return
        try:
            if message.command == "CAP":
                self._cap(message, turn)
            elif message.command == "ISUPPORT" and EXTENDED_ISUPPORT in self.caps.enabled:
                self.told_isupport = True  # the welcome has the rest (row ISU-13)
                self._say(turn, *early_isupport(self.args.settings, self.caps.enabled))
            else:
                outcome = self.registration.receive(message)
                if isinstance(outcome, list):
                    self._say(turn, *outcome)
                else:
                    self._check(outcome, turn)
        except (ReplyError, StandardReply) as error:
            self._say(turn, reply_to(error, self.args.settings.hostname, self.nick))
        self._register(turn)

    def _register(self, turn: Turn) -> None:
        """Log in or attach once all that is needed is there."""
        registration = self.registration
        if self.phase is not Phase.NEW or not registration.complete:
            return
        self._say(turn, *registration.interrupted())
        try:
            credentials = registration.credentials()
            if credentials is not None:
                self._check(credentials, turn)
                return
            registration.who()
        except (ReplyError, StandardReply) as error:
            self._say(turn, reply_to(error, self.args.settings.hostname, self.nick))
            self._close("Registration failed", turn)
            return
        except RefusedError as error:
            self._say(turn, error.reply(self.caps.enabled, self.nick))
            self._close(str(error), turn)
            return
        grant = registration.grant
        if grant is None:
            return
        self.user = grant.user
        self.phase = Phase.ATTACHING
        self._attach(turn)

    def _attach(self, turn: Turn) -> None:
        """Ask the user actor to take the client, or to take it again."""
        registration = self.registration
        if self.user is None or self.phase not in {Phase.ATTACHING, Phase.LOST}:
            return
        turn.watch(self.user)
        enabled = in_force(self.caps.enabled)
        attach = attach_for(self.args, registration, registration.who(), enabled, told_isupport=self.told_isupport)
        if self.phase is Phase.LOST:
            attach = self.resuming.attach_again(attach, self.nick, self.outbox)
        turn.send(self.user, attach)

    def _check(self, attempt: Attempt, turn: Turn) -> None:
        turn.send(self.args.registry, request_for(attempt, self.args.remote, self.args.fingerprint))

    def _pass_on(self, turn: Turn) -> None:
        """Send the user actor commands, as many as the rate allows, while there is credit."""
        commands: list[Message] = []
        while self.inbox and self.window.open and self.phase is Phase.ATTACHED:
            wait = self.commands.wait(turn.now)
            if wait:
                turn.after("rate", wait, DownstreamAlarm("rate"))
                break
            self.commands.take(turn.now)
            message = self.inbox.popleft()
            if message.command == "PONG":
                self._confirmed(message, turn)
            elif message.command == "CAP":
                self._cap_after_login(message, turn)
            elif message.command == "QUIT":
                self._close("Quit", turn)
            else:
                commands.append(message)
        if commands and self.user is not None and self.window.take():
            self.resuming.commanded(commands)
            turn.send(self.user, ClientSaid(tuple(commands)))

    def _confirmed(self, message: Message, turn: Turn) -> None:
        """Move the cursors that a PONG stands for, or tell who waits for it."""
        if self.user is not None:
            for measured in self.lag.heard(message.params, turn.now):
                turn.send(self.user, measured)
        login = self.registration.who()
        for buffer, number in self.receipts.confirm(message.params).items():
            turn.send(buffer, Acknowledge(login.client, number))
        self._say(turn, label=label_of(message, self.caps.enabled))
        self._flush(turn)

    def _cap(self, message: Message, turn: Turn) -> None:
        """Negotiate capabilities; what changes by it is told to whom it concerns."""
        before = frozenset(self.caps.enabled)
        self._say(turn, *self.caps.receive(message.params), label=label_of(message, before))
        self.registration.negotiating = self.caps.open
        self.registration.sasl_enabled = "sasl" in self.caps.enabled
        self._caps_changed(before, turn)

    def _cap_after_login(self, message: Message, turn: Turn) -> None:
        try:
            self._cap(message, turn)
        except (ReplyError, StandardReply) as error:
            self._refuse(message, error, turn)

    def _caps_changed(self, before: frozenset[str], turn: Turn) -> None:
        if self.caps.enabled == before:
            return
        enabled = in_force(self.caps.enabled)
        view = View.of(enabled)
        if view != self.outbox.view:
            self.outbox.view = view
            for buffer in self.outbox.buffers():
                turn.send(buffer, ViewChanged(view))
        if self.user is not None and self.phase is Phase.ATTACHED:
            turn.send(self.user, ClientCaps(enabled))

    def _flush(self, turn: Turn) -> None:
        """Write what can go out, and give buffers their credit back."""
        if self.congested or self.phase in SILENT:
            return
        lines = self.outbox.ready()
        lines += self.receipts.due(self.outbox, self.caps.enabled)
        if lines:
            self._write(lines, turn)
        for number, question in self.outbox.questions():
            turn.perform("reader", msgspec.structs.replace(question.query, request=number))
        for buffer, credit in self.outbox.credits(LEAST_CREDIT):
            turn.send(buffer, MoreCredit(credit))

    def _keep_alive(self, turn: Turn) -> None:
        """Ask a silent client whether it is there; close if it does not answer."""
        settings = self.args.settings
        silent = turn.now - self.heard
        if silent >= settings.read_deadline:
            self._close(f"Ping timeout: {silent:.0f} seconds", turn)
            return
        if silent >= settings.ping_after and not self.congested:
            self._say(turn, Message("PING", (settings.hostname,)))
        wait = max(1.0, min(settings.ping_after, settings.read_deadline - silent))
        turn.after("silence", wait, DownstreamAlarm("silence"))

    def _say(self, turn: Turn, *messages: Message, label: str = "") -> None:
        """Write replies that this connection makes itself; with a label they are all of the answer to it."""
        if messages or label:
            lines = lines_from(self.args.settings.hostname, messages)
            lines = self.outbox.answer_to(label, lines) if label else lines
            self._write(lines, turn)

    def _refuse(self, message: Message, error: ReplyError | StandardReply, turn: Turn) -> None:
        """Answer a command that was not carried out."""
        reply = reply_to(error, self.args.settings.hostname, self.nick)
        self._say(turn, reply, label=label_of(message, self.caps.enabled))

    def _write(self, lines: Sequence[str], turn: Turn) -> None:
        log_lines(turn.me.path, ">", lines)
        turn.write(self.args.link, encode_lines(lines))

    def _close(self, reason: str, turn: Turn) -> None:
        """Tell the client why, and close."""
        if self.phase is Phase.CLOSING:
            return
        self.phase = Phase.CLOSING
        self.inbox.clear()
        self._write([str(Message("ERROR", (reason,)))], turn)
        turn.close(self.args.link)
        turn.after("abort", FLUSH, DownstreamAlarm("abort"))
