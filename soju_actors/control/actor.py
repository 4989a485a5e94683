"""The control actor."""

import logging
from collections import deque

from actors import Actor, BytesReceived, Closed, Congested, Drained, Turn, on
from soju_actors.irc.errors import ParseError, ReplyError, need_more_params, unknown_command
from soju_actors.irc.framing import LineReader, encode_lines
from soju_actors.irc.message import Message, parse_message
from soju_actors.messages.control import AnswerOverdue, ControlArgs
from soju_actors.messages.registry import AdminDone
from soju_actors.ports.protocols import ToControl
from soju_actors.service.admin import request_for
from soju_actors.service.commands import Caller
from soju_actors.service.errors import CommandError
from soju_actors.service.helping import help_lines
from soju_actors.service.parsing import parse
from soju_actors.service.replies import fitting

log = logging.getLogger(__name__)

OPERATOR = Caller()
LINE = 16 * 1024
"""Bytes of a command at most."""
PATIENCE = 150.0
"""Seconds within which a command is answered; the slowest makes a certificate."""
CLIENTS = frozenset(("CAP", "NICK", "PASS", "USER"))
"""What an IRC client says first."""


class ControlActor(Actor[ToControl]):
    """Holds one control connection: takes commands one at a time, and answers them (row OPS-12).

    Whoever can open the socket is the operator. While a command is under way nothing
    more is read, so what waits is bounded by one read.
    """

    __slots__ = ("args", "asked", "closing", "congested", "inbox", "reader", "requests")

    def __init__(self, args: ControlArgs) -> None:
        self.args = args
        self.reader = LineReader(LINE, tags=0)
        self.inbox: deque[Message] = deque()
        self.requests = 0
        self.asked = 0
        """The request that is under way, 0 for none."""
        self.congested = False
        self.closing = False

    @on(BytesReceived)
    def bytes_received(self, msg: BytesReceived, turn: Turn) -> None:
        """Cut what came into commands, and give the first."""
        if self.closing:
            return
        try:
            self.inbox.extend([parse_message(line) for line in self.reader.receive(msg.data)])
        except ParseError as error:
            self._close(f"This is not a command: {error}", turn)
            return
        self._work(turn)

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """End with the connection; what is under way is done all the same."""
        turn.stop()

    @on(Congested)
    def congested_(self, msg: Congested, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Take no further command: the answers are not read."""
        self.congested = True
        turn.pause(self.args.link)

    @on(Drained)
    def drained(self, msg: Drained, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Go on."""
        self.congested = False
        self._work(turn)

    @on(AdminDone)
    def admin_done(self, msg: AdminDone, turn: Turn) -> None:
        """Pass on an answer, and give the next command."""
        if msg.request != self.asked:
            return  # it came too late, and its command has failed already
        turn.cancel("overdue")
        self.asked = 0
        self._answer(turn, msg.lines, msg.error)
        self._work(turn)

    @on(AnswerOverdue)
    def answer_overdue(self, msg: AnswerOverdue, turn: Turn) -> None:
        """Give a command up."""
        log.warning("a control command was not answered within %.0f s", PATIENCE)
        self.admin_done(AdminDone(msg.request, error=f"no answer within {PATIENCE:.0f} s"), turn)

    def _work(self, turn: Turn) -> None:
        """Give commands until one has to wait."""
        while self.inbox and not (self.asked or self.congested or self.closing):
            try:
                self._command(self.inbox.popleft(), turn)
            except ReplyError as error:
                self._write(turn, Message(error.numeric, ("*", *error.params)))
        if self.asked:
            turn.pause(self.args.link)
        elif not self.congested:
            turn.resume(self.args.link)

    def _command(self, message: Message, turn: Turn) -> None:
        if message.command in CLIENTS:
            self._close("This is a control socket: IRC clients connect to another one", turn)
            return
        if message.command != "BOUNCERSERV":
            raise unknown_command(message.command)
        text = " ".join(message.params).strip()
        if not text:
            raise need_more_params(message.command)
        try:
            self._run(text, turn)
        except CommandError as error:
            self._answer(turn, error=str(error))

    def _run(self, text: str, turn: Turn) -> None:
        given = parse(text, OPERATOR)
        request = request_for(given, OPERATOR, self.requests + 1)
        if request is None:
            self._answer(turn, tuple(help_lines(given.param(0), OPERATOR)))
            return
        self.requests += 1
        self.asked = self.requests
        turn.send(self.args.registry, request)
        turn.after("overdue", PATIENCE, AnswerOverdue(self.asked))

    def _answer(self, turn: Turn, lines: tuple[str, ...] = (), error: str = "") -> None:
        said = [Message("PRIVMSG", ("*", line)) for line in fitting(lines)]
        if error:
            last = Message("FAIL", ("BOUNCERSERV", " ".join(fitting((error,)))))
        else:
            last = Message("BOUNCERSERV", ("OK",))
        self._write(turn, *said, last)

    def _write(self, turn: Turn, *messages: Message) -> None:
        turn.write(self.args.link, encode_lines([str(message) for message in messages]))

    def _close(self, reason: str, turn: Turn) -> None:
        self.closing = True
        self.inbox.clear()
        self._write(turn, Message("ERROR", (reason,)))
        turn.close(self.args.link)
