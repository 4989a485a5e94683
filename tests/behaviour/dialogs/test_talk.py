"""What is said: echoes, targets, tags, services (rows CMD-18, ECH, UP-11, UP-34, AUP-06)."""

import pytest

from soju_actors.model.records import User, UserId
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

TAGS = "batch message-tags server-time"
ECHO = f"{TAGS} echo-message labeled-response"


@everywhere
def test_with_an_echo_of_the_server_nothing_is_shown_before_it(set_stage: SetStage) -> None:
    """Rows ECH-01, ECH-02, ECH-04. Spec: https://ircv3.net/specs/extensions/echo-message."""
    stage = set_stage(caps=ECHO)
    stage.attach("laptop")
    stage.attach("phone", caps="echo-message")
    play(
        stage,
        """
        laptop > PRIVMSG #soju :from the laptop
        libera < @label=$one PRIVMSG #soju :from the laptop
        phone > PRIVMSG #soju :from the phone
        libera < @label=$two PRIVMSG #soju :from the phone
        libera > @label=$one :alice!a@host PRIVMSG #soju :from the laptop
        phone < :alice!a@host PRIVMSG #soju :from the laptop
        libera > @label=$two :alice!a@host PRIVMSG #soju :from the phone
        laptop < :alice!a@host PRIVMSG #soju :from the phone
        phone < :alice!a@host PRIVMSG #soju :from the phone
        phone > PRIVMSG dave :refused
        libera < @label=$three PRIVMSG dave refused
        libera > @label=$three :irc.libera.test 401 alice dave :No such nick
        phone < :irc.libera.test 401 alice dave *
        """,
    )


@everywhere
def test_without_an_echo_of_the_server_the_bouncer_makes_one(set_stage: SetStage) -> None:
    """Rows ECH-03, ECH-04."""
    stage = set_stage(caps=TAGS)
    stage.attach("laptop")
    stage.attach("phone", caps="echo-message server-time")
    play(
        stage,
        """
        laptop > PRIVMSG #soju :from the laptop
        libera < PRIVMSG #soju :from the laptop
        phone < @time=* :alice!a@host PRIVMSG #soju :from the laptop
        phone > NOTICE bob :from the phone
        libera < NOTICE bob :from the phone
        laptop < :alice!a@host NOTICE bob :from the phone
        phone < @time=* :alice!a@host NOTICE bob :from the phone
        """,
    )


def test_an_echo_that_is_made_here_has_the_account(set_stage: SetStage) -> None:
    """Row ECH-03."""
    stage = set_stage(caps=f"{TAGS} account-tag")
    stage.attach("laptop", caps="echo-message account-tag")
    play(
        stage,
        """
        libera > :irc.libera.test 900 alice alice!a@host ally :You are now logged in as ally
        laptop > PRIVMSG #soju :hi
        libera < PRIVMSG #soju hi
        laptop < @account=ally :alice!a@host PRIVMSG #soju hi
        """,
    )


def test_a_client_sends_its_own_tags_alone_and_only_to_servers_that_know_them(set_stage: SetStage) -> None:
    """Row CMD-18: what does not begin with ``+`` is for servers to say."""
    stage = set_stage(caps=TAGS)
    stage.attach("laptop", caps="message-tags")
    stage.attach("phone", caps="message-tags")
    play(
        stage,
        """
        laptop > @time=2020-01-01T00:00:00.000Z;account=bob;label=x;msgid=7;+reply=1;+draft/x PRIVMSG #soju :hi
        libera < @+reply=1;+draft/x PRIVMSG #soju hi
        phone < @**;+reply=1;+draft/x= :alice!a@host PRIVMSG #soju hi
        laptop > @+typing=active TAGMSG #soju
        libera < @+typing=active TAGMSG #soju
        phone < @**;+typing=active :alice!a@host TAGMSG #soju
        """,
    )


def test_a_server_without_tags_is_sent_none(set_stage: SetStage) -> None:
    """Row CMD-18: and nothing that is nothing but tags."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > @+reply=1 PRIVMSG #soju :hi
        libera < PRIVMSG #soju hi
        laptop > @+typing=active TAGMSG #soju
        """,
    )


def test_each_target_counts_by_itself(set_stage: SetStage) -> None:
    """Row CMD-18."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > PRIVMSG #soju,bob,,carol :hi
        libera < PRIVMSG #soju hi
        libera < PRIVMSG bob hi
        libera < PRIVMSG carol hi
        laptop > PRIVMSG
        laptop < 461 alice PRIVMSG *
        laptop > PRIVMSG bob
        laptop < 412 alice *
        laptop > NOTICE bob :
        laptop < 412 alice *
        """,
    )


def test_who_is_spoken_to_is_shown_to_all_clients(set_stage: SetStage) -> None:
    """Row UP-11: channels, queries, the server's own words."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    both = [
        ":bob!b@host PRIVMSG #soju :channel",
        ":bob!b@host NOTICE alice :query",
        ":alice!a@host PRIVMSG bob :from another session",
        ":irc.libera.test NOTICE alice :from the server",
        ":irc.libera.test NOTICE * :to anybody",
        ":oper!o@host PRIVMSG $* :to everybody",
        ":bob!b@host PRIVMSG #elsewhere :not joined",
        ":services NOTICE alice :without a host",
        ":bob!b@host PRIVMSG @#soju :to ops",
    ]
    play(stage, "".join(f"libera > {line}\nlaptop < {line}\nphone < {line}\n" for line in both))


@everywhere
def test_nobody_else_is_the_service(set_stage: SetStage) -> None:
    """Row UP-11: what seems to come from or go to BouncerServ on the network is dropped."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone", caps="echo-message")
    play(
        stage,
        """
        libera > :BouncerServ!x@evil PRIVMSG alice :tell me your password
        libera > :bouncerserv!x@evil PRIVMSG #soju :tell me your password
        libera > :bob!b@host PRIVMSG BouncerServ :x
        laptop > PRIVMSG BOUNCERSERV :help nonsense
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
        phone > NOTICE BouncerServ :help
        phone < :alice!a@host NOTICE BouncerServ help
        """,
    )


def test_an_admin_addresses_everybody(set_stage: SetStage) -> None:
    """Row CMD-18."""
    stage = set_stage(users=(User(UserId(0), "bob", "plain:x"),))
    stage.attach("laptop")
    stage.attach("phone", "alice")
    for line in ("PASS x", "NICK bob", "USER bob 0 * :Bob"):
        stage.say("bob", line)
    while " 422 " not in (stage.next_line("bob") or " 422 "):
        pass
    play(
        stage,
        """
        laptop > PRIVMSG $bouncer.test :Down for a moment
        laptop < :BouncerServ!BouncerServ@BouncerServ NOTICE alice :Down for a moment
        phone < :BouncerServ!BouncerServ@BouncerServ NOTICE alice :Down for a moment
        bob < :BouncerServ!BouncerServ@BouncerServ NOTICE bob :Down for a moment
        bob > PRIVMSG $* :ha
        bob < 415 bob $* *
        """,
    )


def test_a_user_talks_to_itself_on_an_unbound_connection(set_stage: SetStage) -> None:
    """Row CMD-18."""
    stage = set_stage()
    stage.attach("laptop", "alice", caps="echo-message")
    stage.attach("phone", "alice")
    play(
        stage,
        """
        laptop > PRIVMSG alice :note
        laptop < :alice PRIVMSG alice note
        phone > PRIVMSG alice :note
        """,
    )


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("@time=2024-02-30T00:00:00.000Z ", "2023-11-14T22:13:20.000Z"),
        ("@time=nonsense;x=y ", "2023-11-14T22:13:20.000Z"),
        ("@time=2024-01-02T03:04:05.678Z ", "2024-01-02T03:04:05.678Z"),
        ("@x=y;time=2024-01-02T03:04:05Z ", "2024-01-02T03:04:05Z"),
        ("", "2023-11-14T22:13:20.000Z"),
    ],
)
def test_each_message_has_a_time(set_inline: SetInline, tag: str, shown: str) -> None:
    """Row UP-34: the server's if it is one, else now; numerics have none."""
    stage = set_inline(caps=TAGS)
    stage.attach("laptop", caps="server-time")
    play(
        stage,
        f"""
        libera > {tag}:bob!b@host PRIVMSG #soju :hi
        laptop < @time={shown} :bob!b@host PRIVMSG #soju hi
        libera > {tag}:bob!b@host JOIN #elsewhere
        laptop < @time={shown} :bob!b@host JOIN #elsewhere
        libera > {tag}:irc.libera.test 404 alice #soju :No
        laptop < :irc.libera.test 404 alice #soju No
        """,
    )


def test_everybody_on_a_network_is_the_network_s_to_address(set_stage: SetStage) -> None:
    """Row CMD-18: ``$*`` is the bouncer's on a connection for no network alone."""
    stage = set_stage(caps="", users=(User(UserId(0), "bob", "plain:secret"),))
    stage.attach("laptop")
    play(stage, "laptop > NOTICE $* :from an operator\nlibera < NOTICE $* :from an operator")
    stage.attach("other", "bob")
    play(
        stage,
        """
        other > NOTICE $* :from nobody
        other < 415 bob $* *
        """,
    )


def test_what_a_user_says_with_a_channel_as_its_context_belongs_to_that(set_inline: SetInline) -> None:
    """Row UP-11. Spec: https://ircv3.net/specs/client-tags/channel-context."""
    stage = set_inline(caps=TAGS)
    stage.attach("laptop", caps="batch message-tags draft/chathistory")
    play(
        stage,
        """
        laptop > @+draft/channel-context=#soju PRIVMSG bob :of it
        libera < @+draft/channel-context=#soju PRIVMSG bob :of it
        laptop > CHATHISTORY LATEST #soju * 1
        laptop < @draft/chathistory-end BATCH +$b chathistory #soju
        laptop < @batch=$b;time=*;+draft/channel-context=#soju :alice!a@host PRIVMSG bob :of it
        laptop < BATCH -$b
        """,
    )
