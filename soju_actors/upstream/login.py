"""The login to a server with SASL, without IO.

Spec: https://ircv3.net/specs/extensions/sasl-3.2
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from soju_actors.irc.caps import CapClient
from soju_actors.irc.message import Message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.sasl.chunking import ABORT, ChunkReader, to_chunks
from soju_actors.irc.sasl.client import External, Mechanism, Plain, ScramProof, ScramSha256, ScramTask
from soju_actors.irc.sasl.errors import SaslError
from soju_actors.model.records import Network, SaslMechanism

FAILURES = (
    Numeric.ERR_NICKLOCKED,
    Numeric.ERR_SASLFAIL,
    Numeric.ERR_SASLTOOLONG,
    Numeric.ERR_SASLABORTED,
)
OUTCOMES = (Numeric.RPL_SASLSUCCESS, *FAILURES, Numeric.ERR_SASLALREADY, Numeric.RPL_SASLMECHS)
"""Numerics that belong to a login."""


class Step(Enum):
    """How far the login is."""

    UNTRIED = auto()
    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()


@dataclass(slots=True)
class Login:
    """One login, with the mechanism that the network's settings name (row AUP-02).

    ``nonce`` is any text that was not used before, for SCRAM.
    """

    network: Network
    nonce: str
    problem: str = ""
    """Why there is no login although one is set, for a person."""
    step: Step = Step.UNTRIED
    mechanism: Mechanism | None = None
    _task: ScramTask | None = None
    """What is to be proved before the server is answered."""
    _proving: str = ""
    """The nonce of the task that was taken."""
    _chunks: ChunkReader = field(default_factory=ChunkReader)
    _started: bool = False

    @property
    def untried(self) -> bool:
        """Whether a login is set and has not begun."""
        return self.step is Step.UNTRIED and self.network.sasl is not SaslMechanism.NONE

    @property
    def running(self) -> bool:
        """Whether the server's word is awaited."""
        return self.step is Step.RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether the server has accepted it."""
        return self.step is Step.SUCCEEDED

    def concerns(self, message: Message) -> bool:
        """Whether a message belongs to the login."""
        return self.running and (message.command == "AUTHENTICATE" or message.command in OUTCOMES)

    def begin(self, caps: CapClient) -> list[Message]:
        """Begin, if a login is set and the server has the mechanism; else say why not."""
        wanted = self.network.sasl
        if wanted is SaslMechanism.NONE:
            return []
        offered = caps.available.get("sasl", "").upper().split(",")
        if "sasl" not in caps.enabled:
            self.give_up("the server does not offer SASL")
        elif offered != [""] and wanted not in offered:
            self.give_up(f"the server does not offer {wanted}, but {', '.join(offered)}")
        else:
            return self._begin()
        return []

    def _begin(self) -> list[Message]:
        try:
            self.mechanism = _mechanism(self.network, self.nonce)
        except SaslError as error:
            self.give_up(f"the login with SASL failed: {error}")
            return []
        self.nonce += "+"  # so that another login has another
        self.step, self.problem, self._started = Step.RUNNING, "", False
        self._chunks = ChunkReader()
        return [Message("AUTHENTICATE", (self.mechanism.name,))]

    def give_up(self, reason: str) -> None:
        """Go on without a login."""
        self.step, self.problem = Step.FAILED, reason

    def receive(self, message: Message) -> list[Message]:
        """Take a challenge or the outcome; return what the server is answered."""
        if message.command == "AUTHENTICATE":
            return self._challenge(message.params[0] if message.params else "")
        if message.command == Numeric.RPL_SASLSUCCESS:
            if self.mechanism is not None and self.mechanism.complete:
                self.step, self.problem = Step.SUCCEEDED, ""
            else:
                self.give_up("the server said that the login succeeded before it had shown that it knows the password")
        elif message.command in FAILURES:
            self.give_up(f"the login with SASL failed: {message.params[-1] if message.params else message.command}")
        elif message.command == Numeric.ERR_SASLALREADY:
            self.step = Step.SUCCEEDED
        return []

    def take_task(self) -> ScramTask | None:
        """Return what is to be proved, once."""
        task, self._task = self._task, None
        if task is not None:
            self._proving = task.nonce
        return task

    def proved(self, nonce: str, proof: ScramProof | None, problem: str) -> list[Message]:
        """Take the proof that was asked for, or why there is none; return what the server is answered."""
        scram = self.mechanism
        if not self.running or self._proving != nonce or not isinstance(scram, ScramSha256):
            return []
        return self._abort(problem) if proof is None else _authenticate(scram.proved(proof))

    def _challenge(self, chunk: str) -> list[Message]:
        """Answer a challenge, which may come in chunks."""
        if self.mechanism is None:
            return []
        try:
            data = self._chunks.receive(chunk)
            if data is None:
                return []
            response = self.mechanism.challenge(data) if self._started else self.mechanism.start()
        except SaslError as error:
            return self._abort(str(error))
        self._started = True
        if isinstance(response, ScramTask):
            self._task = response
            return []
        return _authenticate(response)

    def _abort(self, problem: str) -> list[Message]:
        self.give_up(f"the login with SASL failed: {problem}")
        return [Message("AUTHENTICATE", (ABORT,))]


def _authenticate(response: bytes) -> list[Message]:
    return [Message("AUTHENTICATE", (part,)) for part in to_chunks(response)]


def _mechanism(network: Network, nonce: str) -> Mechanism:
    match network.sasl:
        case SaslMechanism.SCRAM_SHA_256:
            return ScramSha256(network.sasl_username, network.sasl_password, nonce)
        case SaslMechanism.EXTERNAL:
            return External()
        case _:
            return Plain(network.sasl_username, network.sasl_password)
