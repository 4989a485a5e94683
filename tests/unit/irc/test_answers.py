"""The tables of what servers answer (rows RTE-02, UP-20 to UP-28)."""

import pytest

from soju_actors.irc.answers import (
    ANSWERS,
    KINDS,
    REFUSALS,
    SHARED,
    command_named,
    kind_of,
    list_queries,
    target_of,
    words_of,
)
from soju_actors.irc.message import parse_message
from soju_actors.irc.numerics import Numeric


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("WHO #soju", "WHO"),
        ("MODE #soju b", "MODE b"),
        ("MODE #soju +e", "MODE e"),
        ("MODE #soju -b", "MODE"),
        ("MODE #soju +b *!*@host", "MODE"),
        ("MODE #soju", "MODE"),
        ("MODE #soju +t", "MODE"),
        ("INVITE", "INVITES"),
        ("INVITE bob #soju", "INVITE"),
        ("FROBNICATE", "FROBNICATE"),
    ],
)
def test_the_kind_of_a_command_says_how_it_is_answered(line: str, kind: str) -> None:
    assert kind_of(parse_message(line)) == kind


@pytest.mark.parametrize(
    ("line", "questions"),
    [
        ("MODE #soju +be", ["MODE #soju +b", "MODE #soju +e"]),
        ("MODE #soju bIb", ["MODE #soju +b", "MODE #soju +I"]),
        ("MODE #soju b", ["MODE #soju b"]),
        ("MODE #soju +bo", ["MODE #soju +bo"]),
        ("MODE #soju +be a!*@*", ["MODE #soju +be a!*@*"]),
        ("MODE #soju", ["MODE #soju"]),
    ],
)
def test_a_question_for_several_lists_is_one_for_each(line: str, questions: list[str]) -> None:
    assert [str(message) for message in list_queries(parse_message(line), "beI")] == questions


@pytest.mark.parametrize(
    ("line", "target"),
    [
        (":irc 403 alice #SOJU :No such channel", "#soju"),
        (":irc 353 alice = #Soju :bob", "#soju"),
        (":irc 441 alice bob #soju :They aren't on that channel", "#soju"),
        (":bob!b@host JOIN #Soju", "#soju"),
        (":irc 323", ""),
    ],
)
def test_a_reply_names_what_it_is_about(line: str, target: str) -> None:
    assert target_of(parse_message(line), str.lower) == target


def test_a_command_is_about_its_first_parameters() -> None:
    words = words_of(parse_message("KICK #Soju,#irc Bob :#reason"), str.lower)
    assert words == {"#soju,#irc", "#soju", "#irc", "bob"}


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (":irc 421 alice frobnicate :Unknown command", "FROBNICATE"),
        (":irc 461 alice WHO :Not enough parameters", "WHO"),
        (":irc 400 alice :Something", ""),
        (":irc FAIL register BAD_ACCOUNT_NAME alice :No", "REGISTER"),
        (":irc FAIL", ""),
        (":irc 482 alice #soju :You're not a channel operator", ""),
    ],
)
def test_some_errors_name_the_command(line: str, command: str) -> None:
    assert command_named(parse_message(line)) == command


@pytest.mark.parametrize("kind", [kind for kind, answer in ANSWERS.items() if answer.queue])
def test_every_question_has_an_end_and_a_way_to_fail(kind: str) -> None:
    """Else it would hold up the questions behind it."""
    answer = ANSWERS[kind]
    assert answer.ends or answer.fenced
    assert not answer.ends & answer.parts
    assert answer.failure in {"FAIL", *Numeric}


def test_questions_of_different_queues_share_only_replies_that_name_their_target() -> None:
    """What two queues may be sent must be told apart by what it is about, so it must not be many."""
    asked = {reply for reply in SHARED if all(ANSWERS[kind].queue for kind in KINDS[reply])}
    assert asked == set()


@pytest.mark.parametrize("numeric", REFUSALS)
def test_an_error_that_names_nothing_has_few_commands(numeric: str) -> None:
    refusal = REFUSALS[numeric]
    assert refusal.named or refusal.commands
