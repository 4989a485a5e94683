"""Speaking to a running bouncer through its control socket (rows CLI-02 and OPS-12)."""

import socket
from collections.abc import Iterator, Sequence

from soju_actors.cli.failure import Failure
from soju_actors.config import Config
from soju_actors.irc.errors import ParseError
from soju_actors.irc.message import parse_message
from soju_actors.service.words import quoted

PATIENCE = 10.0
"""Seconds that a running bouncer may take to answer."""
PATIENCE_FOR_KEYS = 160.0
"""The same for any command: the slowest makes a certificate, and the bouncer itself gives up before."""


class NotRunningError(Failure):
    """No bouncer runs on this data_dir."""


def command(config: Config, words: Sequence[str], patience: float | None = None) -> Iterator[str]:
    """Give a service command to the running bouncer; yield the lines that it answers with.

    Raises:
        NotRunningError: there is none.
        Failure: the command failed, or no answer came in time.
    """
    patience = PATIENCE if patience is None else patience
    line = f"BOUNCERSERV :{' '.join(map(quote, words))}\r\n"
    path = config.control_socket
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        try:
            connection.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunningError(f"no bouncer runs here: nothing listens on {path}") from None
        except OSError as error:
            raise Failure(f"{path}: {error.strerror}") from None
        try:
            connection.sendall(line.encode())
            yield from _answer(connection)
        except TimeoutError:
            raise Failure(f"the running bouncer did not answer within {patience:.0f} s") from None
        except (OSError, ParseError) as error:
            raise Failure(f"the running bouncer answered wrongly: {error}") from None


def quote(word: str) -> str:
    """A word as the service reads it: in quotes where it must be.

    Raises:
        Failure: it has a line break, which no command can have.
    """
    if any(character in word for character in "\r\n\0"):
        raise Failure("a word of a command cannot have a line break")
    return quoted(word)


def _answer(connection: socket.socket) -> Iterator[str]:
    """Yield the text of each PRIVMSG until the command is done."""
    for line in connection.makefile("r", encoding="utf-8", errors="replace", newline="\n"):
        message = parse_message(line.rstrip("\r\n"))
        if message.command == "PRIVMSG":
            yield message.params[-1]
        elif message.command == "BOUNCERSERV":
            return
        else:
            raise Failure(message.params[-1] if message.params else message.command)
    raise Failure("the running bouncer hung up without an answer")


def refresh(config: Config) -> None:
    """Have a bouncer that runs look at the database again.

    Raises:
        Failure: it did not answer.
    """
    try:
        for _ in command(config, ["server", "refresh"]):
            pass
    except NotRunningError:
        return
    except Failure as error:
        raise Failure(f"stored, but a bouncer that runs does not know of it yet: {error}") from None
