"""The commands beside the bouncer, on a database of their own."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from soju_actors import __version__
from soju_actors.adapters.passwords import check_password
from soju_actors.cli import main

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("commands")]
"""A new database is made by another process."""

DECLARED = """
[[user]]
name = "alice"
password_hash = "$2b$04$abcdefghijklmnopqrstuOnvVrAHHEQ0vbPMTxYYdBLG0CqlmGcrK"
[[user.network]]
name = "libera"
addr = "ircs://irc.test:6697"
channels = ["#soju"]
"""
COMMANDS = [
    [],
    ["run"],
    ["test"],
    ["demo"],
    ["check-config"],
    ["provision"],
    ["hash-password"],
    ["ctl"],
    ["version"],
    ["user"],
    ["user", "create"],
    ["user", "list"],
    ["user", "password"],
    ["user", "delete"],
    ["cluster"],
    ["cluster", "up"],
    ["cluster", "status"],
    ["cluster", "down"],
    ["cluster", "key"],
    ["cluster", "key", "init"],
    ["cluster", "key", "issue"],
    ["cluster", "key", "list"],
    ["cluster", "key", "revoke"],
    ["cluster", "key", "rotate"],
]


class End(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., End]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with a configuration in an empty folder, and with lines on standard input."""
    file = tmp_path / "bouncer.toml"
    file.write_text("")

    def run(*words: str, typed: str = "", config: Path = file) -> End:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        return End(main(["--config", str(config), *words]), *capsys.readouterr())

    return run


def test_users_are_added_listed_changed_and_removed(run: Run) -> None:
    assert run("user", "list") == End(0, "", "")
    assert run("user", "create", "bob", typed="secret\n") == End(0, "Added bob.\n", "")
    assert run("user", "create", "--admin", "alice", typed="secret\n") == End(0, "Added alice.\n", "")
    assert run("user", "list").out == "alice admin\nbob\n"
    assert run("user", "password", "bob", typed="other\n") == End(0, "Changed the password of bob.\n", "")
    assert run("user", "delete", "bob", "--yes") == End(0, "Removed bob.\n", "")
    assert run("user", "list").out == "alice admin\n"


def test_a_removal_is_asked_about(run: Run) -> None:
    run("user", "create", "bob", typed="secret\n")
    assert run("user", "delete", "bob", typed="n\n").code == 1
    assert run("user", "list").out == "bob\n"
    assert run("user", "delete", "bob", typed="y\n").code == 0
    assert run("user", "list").out == ""


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["user", "create", "bob"], "secret\n", "exists already"),
        (["user", "create", "carol"], "\n", "the password is empty"),
        (["user", "create", "carol"], "", "the password is empty"),
        (["user", "create", "a/b"], "secret\n", "a/b"),
        (["user", "password", "carol"], "secret\n", "there is no user named carol"),
        (["user", "delete", "carol", "--yes"], "", "there is no user named carol"),
        (["ctl", "help"], "", "no bouncer runs here"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(run: Run, words: list[str], typed: str, said: str) -> None:
    run("user", "create", "bob", typed="secret\n")
    end = run(*words, typed=typed)
    assert (end.code, end.out) == (1, "")
    assert said in end.err
    assert end.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "nosuch"),
        (["user"], "Missing command"),
        (["user", "creat"], "creat"),
        (["user", "create"], "NAME"),
        (["demo", "--onc"], "--once"),
        (["--nosuch"], "--nosuch"),
        (["provision", "/nowhere.toml"], "/nowhere.toml: cannot be read"),
        (["cluster", "up", "2", "--database", "sqlite:///x.db"], "is none in PostgreSQL; allowed: postgresql://"),
    ],
)
def test_what_was_asked_wrongly_is_one_line_and_exit_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["check-config", "provision x.toml", "user list", "ctl help"])
def test_a_wrong_configuration_is_one_line_and_exit_code_2(run: Run, tmp_path: Path, command: str) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("hostnme = 1")
    end = run(*command.split(), config=wrong)
    assert (end.code, end.out) == (2, "")
    assert end.err == f'soju-actors: {wrong}:1: hostnme: there is no such key; did you mean "hostname"?\n'


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if command == ["test"]:
        command = []  # its own help is that of the tests
    assert main([*command, "--help"]) == 0
    out, err = capsys.readouterr()
    assert "Examples:\n    python3 run.py " in out
    assert err == ""


def test_the_configuration_may_stand_after_the_command_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bouncer.toml"
    file.write_text('hostname = "late.test"')
    assert main(["check-config", "--config", str(file)]) == 0
    assert "late.test" in capsys.readouterr().out


def test_check_config_tells_what_it_makes_without_the_password(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('hostname = "b.test"\ndatabase.url = "postgresql://soju:secret@localhost/soju"')
    end = run("check-config", config=file)
    assert end.code == 0
    assert "b.test" in end.out
    assert "postgresql://soju:…@localhost/soju" in end.out
    assert "no dot" not in end.out
    assert "secret" not in end.out


def test_check_config_says_what_may_not_be_meant(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('hostname = "bouncer"')
    end = run("check-config", config=file)
    assert end.code == 0
    assert "Note: the hostname 'bouncer' has no dot" in end.out


def test_a_hash_is_all_that_hash_password_prints(run: Run) -> None:
    end = run("hash-password", typed="a secret \r\nmore\n")
    assert (end.code, end.err) == (0, "")
    assert re.fullmatch(r"\$argon2id\$\S+\n", end.out)
    assert check_password("a secret ", end.out.strip())[0]


def test_a_declaration_is_applied_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text(DECLARED)
    first = run("provision", str(file))
    assert (first.code, first.err) == (0, "")
    assert "alice" in first.out
    assert run("provision", str(file)) == End(0, "Nothing to change.\n", "")
    assert run("user", "list").out == "alice\n"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"soju-actors {__version__}\n"
