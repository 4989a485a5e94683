"""Asking a person for a password (row CLI-03); reading one from a pipe is in test_commands."""

import io
from collections.abc import Callable

import pytest

from soju_actors.cli import passwords
from soju_actors.cli.failure import Failure


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def person_types(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    def types(*answers: str) -> list[str]:
        """Have a person answer so; return the questions, as they come."""
        left, questions = list(answers), []

        def ask(question: str) -> str:
            questions.append(question)
            return left.pop(0)

        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("getpass.getpass", ask)
        return questions

    return types


def test_a_person_is_asked_twice(person_types: Callable[..., list[str]]) -> None:
    questions = person_types("secret", "secret")
    assert passwords.read_password() == "secret"
    assert questions == ["Password: ", "Again: "]


def test_what_is_not_typed_twice_the_same_is_refused(person_types: Callable[..., list[str]]) -> None:
    person_types("secret", "sceret")
    with pytest.raises(Failure, match="the two passwords differ"):
        passwords.read_password()


def test_an_empty_password_is_refused_at_once(person_types: Callable[..., list[str]]) -> None:
    questions = person_types("")
    with pytest.raises(Failure, match="the password is empty"):
        passwords.read_password()
    assert questions == ["Password: "]
