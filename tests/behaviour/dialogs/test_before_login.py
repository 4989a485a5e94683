"""What a client may say before it is attached, and who finds what (rows PRE-02, PRE-08, PRE-10, USR-02 to USR-10)."""

from typing import Any

import pytest

from actors import Ref
from soju_actors.model.records import Network, NetworkId, User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.user.identity import nick_for, realname_for, username_for
from soju_actors.user.state import UserState
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.dialogs.logins import begin_sasl, by_plain
from tests.support.dialog import play


@pytest.mark.parametrize("begin", ["CAP LS 302", "CAP REQ batch"])
def test_capabilities_hold_the_registration_back(set_inline: SetInline, begin: str) -> None:
    """Row PRE-02: until CAP END."""
    stage = set_inline(channels=())
    for line in (begin, "PASS secret", "NICK alice", "USER alice 0 * :Alice"):
        stage.say("new", line)
    assert not any(" 001 " in line for line in stage.heard("new"))
    stage.say("new", "CAP END")
    assert any(" 001 " in line for line in stage.heard("new"))


def test_a_client_may_be_away_from_the_beginning(set_inline: SetInline) -> None:
    """Row PRE-08: so the server does not hear that the user is back."""
    stage = set_inline(caps="", channels=())
    play(
        stage,
        """
        new > AWAY :asleep
        new < 306 * *
        new > AWAY
        new < 305 * *
        new > AWAY :asleep
        new < 306 * *
        new > PASS secret
        new > NICK alice
        new > USER alice/libera 0 * :Alice
        new < 001 alice *
        """,
        rest=True,
    )
    assert "AWAY" not in stage.heard("libera")
    stage.forget()
    play(stage, "new > AWAY\n new < 305 alice *\n libera < AWAY")


def test_a_client_may_leave_before_it_has_come(set_stage: SetStage) -> None:
    """Row PRE-10."""
    play(set_stage(), "new > QUIT :bye\n new < ERROR *\n new < (closed)")


@pytest.mark.parametrize("name", ["libera", "irc+insecure://irc.libera.test"])
def test_a_network_is_found_by_its_name_or_its_address(set_inline: SetInline, name: str) -> None:
    """Row USR-02."""
    stage = set_inline(caps="")
    stage.say("new", "CAP REQ sasl")
    stage.heard("new")
    play(stage, by_plain(f"alice/{name}", "secret"))
    for line in ("NICK alice", "USER x 0 * :X", "CAP END"):
        stage.say("new", line)
    assert ":alice!a@host JOIN #soju" in stage.heard("new")


def test_networks_are_connected_without_clients_and_stay_so(set_inline: SetInline) -> None:
    """Row USR-07."""
    stage = set_inline(channels=())
    assert stage.servers["libera"].welcomed
    stage.attach("laptop")
    stage.say("laptop", "(closed)")
    stage.world.advance(10)
    assert stage.servers["libera"].connected


def test_a_network_has_any_number_of_clients(set_inline: SetInline) -> None:
    """Row USR-08."""
    stage = set_inline(caps="", channels=())
    peers = [f"c{number}" for number in range(30)]
    for peer in peers:
        stage.attach(peer)
    stage.say("libera", ":bob!b@host PRIVMSG alice :hi")
    assert [stage.heard(peer) for peer in peers] == [[":bob!b@host PRIVMSG alice :hi"]] * 30


def test_a_user_who_was_just_created_logs_in(set_stage: SetStage) -> None:
    """Row USR-09, better: nothing has to be started for that."""
    stage = set_stage()
    stage.attach("laptop", "alice")
    play(
        stage,
        f"""
        laptop > PRIVMSG BouncerServ :user create -username bob -password x
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
        {begin_sasl()}
        {by_plain("bob", "x")}
        """,
    )


@pytest.mark.parametrize(
    ("of_network", "of_user", "expected"),
    [
        (("n", "u", "r"), ("un", "ur"), ("n", "u", "r")),
        (("", "", ""), ("un", "ur"), ("un", "un", "ur")),
        (("n", "", ""), ("un", ""), ("n", "n", "n")),
        (("", "", ""), ("", ""), ("alice", "alice", "alice")),
    ],
)
def test_nick_username_and_realname_have_defaults(
    of_network: tuple[str, str, str], of_user: tuple[str, str], expected: tuple[str, str, str]
) -> None:
    """Row USR-10."""
    nick, username, realname = of_network
    record = Network(NetworkId(1), UserId(1), "net", "irc.test", nick=nick, username=username, realname=realname)
    account = User(UserId(1), "alice", nick=of_user[0], realname=of_user[1])
    nobody: Ref[Any] = Ref("")
    user = UserState(account, ServerSettings("bouncer.test"), nobody, nobody, nobody)
    assert (nick_for(user, record), username_for(user, record), realname_for(user, record)) == expected
