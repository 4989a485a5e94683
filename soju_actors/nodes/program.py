"""A program outside that says where users are to run: a line of JSON asks it, and a line of JSON answers.

What is here waits, so it runs in a thread: one question at a time.
"""

import socket
from time import monotonic

import msgspec

from actors.placement.view import View
from soju_actors.config.answering import AnswersAt

PATIENCE = 1.0
"""Seconds that the program has to take a question and to answer it."""
LINE_MOST = 16 * 1024 * 1024
"""Bytes of an answer."""
SHOWN_MOST = 60
"""Characters of what a program has said that a complaint repeats."""
FORM = (
    'an answer is one line of JSON, such as {"ask": 7, "answers": {"user/alice": "n2"}}: '
    "the number of the question, and of the paths in it those that are to be on a certain node"
)


class Question(msgspec.Struct, frozen=True):
    """Where are these to run?"""

    ask: int
    """Its number."""
    node: str
    """The node that asks."""
    paths: tuple[str, ...]
    view: View


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the program says."""

    ask: int
    answers: dict[str, str]


class Heard(msgspec.Struct, frozen=True):
    """What became of a question."""

    answers: dict[str, str] | None = None
    """The nodes of paths that were asked for; None: it was not answered."""
    wrong: str = ""


class Program:
    """The connection with the program; it is made when there is a question, and again when it has ended."""

    def __init__(self, at: AnswersAt, patience: float = PATIENCE) -> None:
        self.at = at
        self._patience = patience
        self._socket: socket.socket | None = None

    def ask(self, question: Question) -> Heard:
        """Ask, and wait for the answer, but not for long."""
        line = msgspec.json.encode(question) + b"\n"
        deadline = monotonic() + self._patience
        before = self._socket is not None
        try:
            try:
                said = self._exchange(line, deadline)
            except ConnectionError:
                if not before:
                    raise
                self.close()  # it was another one, or the same before it was started again
                said = self._exchange(line, deadline)
            return judge(question, said)
        except TimeoutError:
            wrong = f"it has not answered within {self._patience:g} s"
        except OSError as error:
            wrong = error.strerror or str(error)
        except ValueError as error:
            wrong = str(error)
        self.close()
        return Heard(wrong=wrong)

    def _exchange(self, line: bytes, deadline: float) -> bytes:
        connection = self._socket = self._socket or self._connect(deadline)
        connection.settimeout(_left(deadline))
        connection.sendall(line)
        said = bytearray()
        while not said.endswith(b"\n"):
            connection.settimeout(_left(deadline))
            more = connection.recv(65536)
            if not more:
                raise ConnectionAbortedError("it has hung up without an answer")
            said += more
            if len(said) > LINE_MOST:
                raise ValueError(f"its line has more than {LINE_MOST} bytes; {FORM}")
        return bytes(said)

    def _connect(self, deadline: float) -> socket.socket:
        at = self.at
        family = socket.AF_UNIX if at.path else socket.AF_INET6 if ":" in at.host else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(deadline))
            connection.connect(at.path or (at.host, at.port))
        except OSError:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _left(deadline: float) -> float:
    return max(0.001, deadline - monotonic())


def judge(question: Question, said: bytes) -> Heard:
    """Return what counts of an answer, and what is wrong with the rest.

    Raises:
        ValueError: nothing counts; the text says what is allowed.
    """
    try:
        reply = msgspec.json.decode(said, type=Reply)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{error}; {FORM}") from None
    if reply.ask != question.ask:
        raise ValueError(f"it answers question {reply.ask}, and was asked {question.ask}; {FORM}")
    asked, nodes = frozenset(question.paths), question.view.node
    wrong = ""
    for path, node in reply.answers.items():
        if path not in asked:
            wrong = f"it was not asked for {path[:SHOWN_MOST]!r}, but for {_some(question.paths)}"
        elif node not in nodes:
            wrong = f"{node[:SHOWN_MOST]!r}, which it names for {path}, is no node; there are {_some(sorted(nodes))}"
    answers = {path: node for path, node in reply.answers.items() if path in asked and node in nodes}
    return Heard(answers, wrong)


def _some(names: tuple[str, ...] | list[str]) -> str:
    few = ", ".join(names[:5])
    return few if len(names) <= 5 else f"{few} and {len(names) - 5} more"  # noqa: PLR2004
