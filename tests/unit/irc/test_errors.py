import pytest

from soju_actors.irc import errors
from soju_actors.irc.message import parse_message
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import reply_to
from soju_actors.irc.verbs import VERBS


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (errors.cannot_here("Use a network"), ":irc.test 400 alice :Use a network"),
        (errors.no_such_nick("bob"), ":irc.test 401 alice bob :No such nick"),
        (errors.no_such_server("x.y"), ":irc.test 402 alice x.y :No such server"),
        (errors.no_such_channel("#a"), ":irc.test 403 alice #a :No such channel"),
        (errors.invalid_cap_command(""), ":irc.test 410 alice * :Unknown CAP command"),
        (errors.input_too_long(), ":irc.test 417 alice :Input line was too long"),
        (errors.unknown_command("FOO"), ":irc.test 421 alice FOO :Unknown command"),
        (errors.no_nick_given(), ":irc.test 431 alice :No nickname given"),
        (errors.erroneous_nick("a b"), ":irc.test 432 alice * :Erroneous nickname"),
        (errors.erroneous_nick(":a"), ":irc.test 432 alice * :Erroneous nickname"),
        (errors.erroneous_nick("a,b"), ":irc.test 432 alice a,b :Erroneous nickname"),
        (errors.nick_in_use("bob"), ":irc.test 433 alice bob :Nickname is already in use"),
        (errors.not_registered(), ":irc.test 451 alice :You have not registered"),
        (errors.need_more_params("JOIN"), ":irc.test 461 alice JOIN :Not enough parameters"),
        (errors.already_registered(), ":irc.test 462 alice :You may not reregister"),
        (errors.password_mismatch(), ":irc.test 464 alice :Password incorrect"),
        (errors.sasl_failed(), ":irc.test 904 alice :SASL authentication failed"),
        (errors.sasl_too_long(), ":irc.test 905 alice :SASL message too long"),
        (errors.sasl_aborted(), ":irc.test 906 alice :SASL authentication aborted"),
        (errors.sasl_already(), ":irc.test 907 alice :You have already authenticated using SASL"),
        (
            errors.fail("BOUNCER", "INVALID_NETID", "CHANGENETWORK", "7", "Unknown network"),
            ":irc.test FAIL BOUNCER INVALID_NETID CHANGENETWORK 7 :Unknown network",
        ),
        (errors.StandardReply("NOTE", "*", "OPER", "Done"), ":irc.test NOTE * OPER :Done"),
    ],
    ids=str,
)
def test_an_error_is_a_line(error: errors.ReplyError | errors.StandardReply, line: str) -> None:
    reply = reply_to(error, "irc.test", "alice")
    assert str(reply) == line
    assert parse_message(line) == reply


def test_every_numeric_has_three_digits_and_one_name() -> None:
    assert all(len(numeric) == 3 and numeric.isdigit() for numeric in Numeric)
    assert len(Numeric.__members__) == len(set(Numeric))


def test_known_commands_share_one_string() -> None:
    commands = [parse_message(line).command for line in (":a PRIVMSG b c", "@t PRIVMSG d e")]
    assert commands[0] is commands[1] is VERBS["PRIVMSG"]
