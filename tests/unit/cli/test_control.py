"""Speaking to a bouncer through its control socket (rows CLI-02 and OPS-12)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, strategies

from soju_actors.cli import control, main
from soju_actors.cli.failure import Failure
from soju_actors.config import Config
from soju_actors.service.table import GROUPS
from soju_actors.service.words import Words

OK = b":bouncer BOUNCERSERV OK\r\n"


@pytest.fixture
def config() -> Iterator[Config]:
    """A folder whose path is short enough for a Unix socket."""
    with TemporaryDirectory() as folder:
        yield Config(data_dir=folder)


class Bouncer:
    """Takes one connection, and answers the first line of it."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.heard = b""

    def serve(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not self.heard.endswith(b"\r\n"):
                self.heard += connection.recv(1024)
            if self.answer is None:
                connection.recv(1)  # until the other side hangs up
            else:
                connection.sendall(self.answer)


@contextmanager
def running(config: Config, answer: bytes | None) -> Iterator[Bouncer]:
    """A bouncer on a data_dir; None as its answer: it never does."""
    bouncer = Bouncer(answer)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(config.control_socket)
        listener.listen()
        thread = threading.Thread(target=bouncer.serve, args=[listener], daemon=True)
        thread.start()
        yield bouncer
        thread.join(10)


def test_a_command_is_one_line_and_its_answer_may_be_several(config: Config) -> None:
    with running(config, b":b PRIVMSG * :one: 1\r\n:b PRIVMSG * :two\r\n" + OK) as bouncer:
        assert list(control.command(config, ["user", "status", "a b"])) == ["one: 1", "two"]
    assert bouncer.heard == b'BOUNCERSERV :user status "a b"\r\n'


def test_what_the_bouncer_refuses_is_a_failure_in_its_own_words(config: Config) -> None:
    with running(config, b":b FAIL BOUNCERSERV :no such user\r\n"), pytest.raises(Failure, match=r"^no such user$"):
        list(control.command(config, ["user", "status", "x"]))


def test_a_bouncer_that_hangs_up_is_told(config: Config) -> None:
    with running(config, b""), pytest.raises(Failure, match="hung up without an answer"):
        list(control.command(config, ["help"]))


def test_a_bouncer_that_does_not_answer_is_given_up(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PATIENCE", 0.05)
    with running(config, None), pytest.raises(Failure, match="did not answer within"):
        list(control.command(config, ["help"]))


def test_without_a_bouncer_a_command_fails_and_a_refresh_is_not_needed(config: Config) -> None:
    with pytest.raises(Failure, match="no bouncer runs here"):
        list(control.command(config, ["help"]))
    control.refresh(config)


def test_a_socket_that_a_dead_bouncer_left_is_no_bouncer(config: Config) -> None:
    with running(config, OK):
        list(control.command(config, ["help"]))
    control.refresh(config)


def test_a_refresh_asks_a_running_bouncer_to_look_again(config: Config) -> None:
    with running(config, OK) as bouncer:
        control.refresh(config)
    assert bouncer.heard == b"BOUNCERSERV :server refresh\r\n"


def test_a_refresh_that_fails_says_that_the_change_is_stored(config: Config) -> None:
    with running(config, b"FAIL BOUNCERSERV :busy\r\n"), pytest.raises(Failure, match=r"^stored, but .*: busy$"):
        control.refresh(config)


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("#soju", "#soju"),
        ("-addr", "-addr"),
        ("ircs://[::1]:6697", "ircs://[::1]:6697"),
        ("", '""'),
        ("two words", '"two words"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("it's", '"it\'s"'),
    ],
)
def test_a_word_is_quoted_where_it_must_be(word: str, quoted: str) -> None:
    assert control.quote(word) == quoted


@given(strategies.lists(strategies.text(strategies.characters(exclude_characters="\r\n\0")), min_size=1))
def test_the_service_reads_the_words_that_were_given(words: list[str]) -> None:
    assert Words(" ".join(map(control.quote, words))).all() == words


def test_a_line_break_in_a_word_is_refused(config: Config) -> None:
    with pytest.raises(Failure, match="line break"):
        list(control.command(config, ["help\r\nQUIT"]))


def test_ctl_prints_the_answer(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(config.data_dir) / "bouncer.toml"
    file.write_text('data_dir = "."')
    with running(config, b":b PRIVMSG * :1 user\r\n" + OK) as bouncer:
        assert main(["ctl", "--config", str(file), "network", "create", "-addr", "irc.test"]) == 0
    assert capsys.readouterr().out == "1 user\n"
    assert bouncer.heard == b"BOUNCERSERV :network create -addr irc.test\r\n"


def test_ctl_gives_a_command_in_the_name_of_a_user(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(config.data_dir) / "bouncer.toml"
    file.write_text('data_dir = "."')
    with running(config, b":b PRIVMSG * :libera  connected\r\n" + OK) as bouncer:
        assert main(["ctl", "--config", str(file), "--user", "alice", "network", "status"]) == 0
    assert capsys.readouterr().out == "libera  connected\n"
    assert bouncer.heard == b"BOUNCERSERV :user run alice network status\r\n"


def test_the_help_of_ctl_has_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "--help"]) == 0
    out = capsys.readouterr().out
    for group in GROUPS:
        assert f"    {group.name} " in out
