import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.service.commands import Caller
from soju_actors.service.errors import CommandError
from soju_actors.service.parsing import parse

ALICE = Caller("alice", admin=False)
ADMIN = Caller("root", admin=True)
OPERATOR = Caller()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("network status", "network status"),
        ("NETWORK Status", "network status"),
        ("n s", "network status"),
        ("net q x", "network quote"),
        ("he", "help"),
        ("ce g", "certfp generate"),
        ("sa set-p a b", "sasl set-plain"),
        ("sa stat", "sasl status"),
        ("user u -nick x", "user update"),
    ],
)
def test_beginnings_that_are_unique_for_the_caller_are_enough(text: str, name: str) -> None:
    assert parse(text, ALICE).command.name == name


@pytest.mark.parametrize(
    ("caller", "text", "error"),
    [
        (ALICE, "", "say help"),
        (ALICE, "frobnicate", "there is no command 'frobnicate'; there are help, network, channel"),
        (ALICE, "c status", "'c' may be channel or certfp"),
        (ADMIN, "s status", "'s' may be session or sasl or server"),
        (ALICE, "sasl s", "'s' may be status or set-plain or set-scram"),
        (ALICE, "network", "network needs another word: create, status, update, delete, export, quote"),
        (ALICE, "network bounce", "there is no command 'network bounce'; there are create, status"),
        (ALICE, "netwrok status", "there is no command 'netwrok'; did you mean network?"),
        (ALICE, "network stauts", "there is no command 'network stauts'; did you mean status?"),
        (ALICE, "usr status", "there is no command 'usr'; did you mean user?"),
        (ALICE, "server status", "server is for admins"),
        (ALICE, "user create -username x", "user create is for admins"),
        (OPERATOR, "network status", "say user run <name> network"),
    ],
)
def test_errors_tell_what_there_is(caller: Caller, text: str, error: str) -> None:
    with pytest.raises(CommandError) as raised:
        parse(text, caller)
    assert error in str(raised.value)


def test_flags_have_one_dash_or_two_and_stand_anywhere() -> None:
    given = parse('network update -nick=al libera --realname "Alice A." -enabled -auto-away no -name l', ALICE)
    assert given.params == ("libera",)
    assert given.text("nick") == "al"
    assert given.text("realname") == "Alice A."
    assert given.boolean("enabled") is True
    assert given.boolean("auto-away") is False
    assert given.boolean("sasl-required") is None
    assert given.text("name") == "l"


def test_a_boolean_flag_takes_the_next_word_only_if_that_says_yes_or_no() -> None:
    given = parse("network update -enabled libera", ALICE)
    assert (given.params, given.boolean("enabled")) == (("libera",), True)


def test_a_flag_may_be_repeated_where_that_means_something() -> None:
    given = parse('network create -addr a -addr b -connect-command "JOIN #a" -connect-command "" ', ALICE)
    assert given.all("connect-command") == ("JOIN #a", "")
    assert given.all("addr") == ("b",)


def test_a_value_may_begin_with_a_dash() -> None:
    assert parse("user update -max-networks -1", ADMIN).number("max-networks") == -1


def test_a_password_may_begin_with_a_dash() -> None:
    assert parse("sasl set-plain al -secret", ALICE).params == ("al", "-secret")
    assert parse("sasl set-plain -network l -- -al -network", ALICE).params == ("-al", "-network")


def test_choices_are_folded() -> None:
    assert parse("channel update #a -relay-detached NONE", ALICE).text("relay-detached") == "none"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("network create", "network create needs -addr"),
        ("network create -addr", "-addr needs a value"),
        ("network create -addr x libera", "network create takes no parameters"),
        ("network create -addr x -certfp nonsense", "-certfp is the SHA-256 or SHA-512"),
        ("network create -addr x -enabled=perhaps", "-enabled is yes or no"),
        ("network create -addr x -ignore-limit", "only an admin may give -ignore-limit"),
        ("network status -nick x", "network status has no flags"),
        ("channel delete", "channel delete needs <name>"),
        ("network update -nik x", "network update has no such flag; did you mean -nick?"),
        ("sasl status -q", "sasl status has no such flag; there are -network"),
        ("network quote", "network quote needs [name] <line...>"),
        ("network update a b", "network update takes [name]; quote a value that has spaces"),
        ("channel update #a -detach-after soon", "-detach-after is a duration"),
        ("channel update #a -detach-on always", "-detach-on is one of default, none, highlight, message"),
        ("certfp generate -key-type dsa", "-key-type is one of rsa, ecdsa, ed25519"),
        ("certfp generate -bits many", "-bits is a whole number"),
        ("user update -admin", "only an admin may give -admin"),
        ('network create -addr "x', "a quote is not closed"),
    ],
)
def test_what_is_given_wrongly_is_told(text: str, error: str) -> None:
    with pytest.raises(CommandError) as raised:
        parse(text, ALICE)
    assert error in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "sasl set-plain alice hunter2 hunter2",
        "sasl set-plain -hunter2",
        "network update -pas hunter2",
        "network update -pas=hunter2",
        "network update libera hunter2 hunter2",
        "user update -hunter2",
        "user update -password hunter2 -enabled=hunter2",
        "network create -addr x -pass hunter2 -certfp hunter2",
    ],
)
def test_errors_repeat_nothing_that_may_be_a_password(text: str) -> None:
    with pytest.raises(CommandError) as raised:
        parse(text, ALICE)
    assert "hunter2" not in str(raised.value)


def test_the_last_parameter_may_be_all_that_is_left_as_it_is_written() -> None:
    assert parse("server notice Don't  panic -now", ADMIN).params == ("Don't  panic -now",)
    given = parse("user run 'bob b' network quote libera PRIVMSG #a :it's  me", OPERATOR)
    assert given.params == ("bob b", "network quote libera PRIVMSG #a :it's  me")
    assert parse('user run bob "network status"', OPERATOR).params == ("bob", "network status")


@given(st.text(), st.sampled_from([ALICE, ADMIN, OPERATOR]))
def test_any_text_is_a_command_or_an_error(text: str, caller: Caller) -> None:
    try:
        given = parse(text, caller)
    except CommandError:
        return
    assert caller.may(given.command)
