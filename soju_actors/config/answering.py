"""Where a program outside says where users run: a file, or a socket of this machine."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from soju_actors.config.listening import is_loopback

ALLOWED = "allowed: a file in data_dir, unix://path of a socket there, or tcp://127.0.0.1:port"


class AnswersAt(NamedTuple):
    """A file, or the path of a Unix socket, or the host and port of a TCP socket; the others are empty."""

    file: str = ""
    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        """Return it as the configuration has it."""
        if self.file:
            return self.file
        return f"unix://{self.path}" if self.path else f"tcp://{self.host}:{self.port}"


def parse_answers(text: str) -> AnswersAt:
    """Read what the configuration says.

    Raises:
        ValueError: it is none of the three; the text says what is allowed.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        return AnswersAt(file=text)
    if scheme == "unix" and rest:
        return AnswersAt(path=rest)
    if scheme != "tcp":
        raise ValueError(f"{text!r} is no place for answers; {ALLOWED}")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or not port or parts.netloc != rest or parts.username is not None:
        raise ValueError(f"{text!r} is not a host and a port; {ALLOWED}")
    if not is_loopback(host):
        raise ValueError(f"{host} is another machine: what is asked and answered is not encrypted; {ALLOWED}")
    return AnswersAt(host=host, port=port)


def is_socket(text: str) -> bool:
    """Whether a program is asked, and no file read."""
    return "://" in text


def resolved(text: str, full: Callable[[str], str]) -> str:
    """Return it with the path made absolute, if it has one."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        return full(text)
    return f"unix://{full(rest)}" if scheme == "unix" and rest else text
