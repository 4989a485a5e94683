"""Capabilities of clients: negotiation, what follows the server, what they filter (rows CAPD, CAPM, FLT)."""

import pytest

from soju_actors.irc.cap_table import INFORMATIONAL, PASSTHROUGH, PERMANENT, WITH_HISTORY, in_order
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

REQUESTABLE = sorted({*PERMANENT, *WITH_HISTORY, *PASSTHROUGH, "sasl"} - INFORMATIONAL)


def _all_but(*caps: str) -> str:
    return " ".join(in_order({*PASSTHROUGH} - {*caps}))


@pytest.mark.parametrize("cap", REQUESTABLE)
def test_each_capability_that_is_offered_can_be_requested_alone(set_inline: SetInline, cap: str) -> None:
    """Rows CAPM-02, CAPD-24."""
    play(
        set_inline(),
        f"""
        new > CAP REQ :{cap}
        new < CAP * ACK {cap}
        new > CAP LIST
        new < CAP * LIST {cap}
        new > CAP REQ :-{cap}
        new < CAP * ACK -{cap}
        new > CAP LIST
        new < CAP * LIST :
        """,
    )


@everywhere
def test_what_is_offered_to_clients_of_302_and_of_301(set_stage: SetStage) -> None:
    """Values, and what may be withdrawn later, are for clients of 302 (rows CAPM-01, CAPD-24).

    Spec: https://ircv3.net/specs/extensions/capability-negotiation#the-cap-ls-subcommand
    """
    always = [*PERMANENT, *WITH_HISTORY]
    stage = set_stage()
    old = stage.listed("old", "CAP LS")
    assert old == in_order([*always, "sasl"])[: len(old)]  # what fits one line
    words = stage.listed("new", "CAP LS :302")
    assert [word.partition("=")[0] for word in words] == in_order([*always, *PASSTHROUGH, "sasl"])
    assert "sasl=PLAIN" in [word.partition(",")[0] for word in words]
    play(
        stage,
        """
        new > CAP LIST
        new < CAP * LIST cap-notify
        new > CAP REQ -cap-notify
        new < CAP * NAK -cap-notify
        new > CAP REQ cap-notify
        new < CAP * ACK cap-notify
        """,
    )


def test_a_request_is_granted_as_a_whole_or_not_at_all(set_stage: SetStage) -> None:
    """Spec: https://ircv3.net/specs/extensions/capability-negotiation#the-cap-req-subcommand."""
    play(
        set_stage(),
        """
        new > CAP REQ : server-time   batch
        new < CAP * ACK :server-time batch
        new > CAP REQ :Echo-Message nonsense
        new < CAP * NAK :Echo-Message nonsense
        new > CAP REQ :echo-message -batch soju.im/account-required
        new < CAP * NAK :echo-message -batch soju.im/account-required
        new > CAP LIST
        new < CAP * LIST :server-time batch
        new > CAP REQ :-batch ECHO-MESSAGE
        new < CAP * ACK :-batch ECHO-MESSAGE
        new > CAP LIST
        new < CAP * LIST :server-time echo-message
        new > CAP FROBNICATE
        new < 410 * FROBNICATE *
        new > CAP
        new < 461 * CAP *
        new > CAP REQ
        new < 410 * REQ *
        """,
    )


def test_capabilities_may_be_requested_after_the_login(set_stage: SetStage) -> None:
    """A client sees what it asked for from then on."""
    stage = set_stage(caps="message-tags server-time")
    stage.attach("laptop")
    play(
        stage,
        """
        libera > @time=2024-01-01T00:00:00.000Z;+x=y :bob!b@host PRIVMSG #soju :one
        laptop < :bob!b@host PRIVMSG #soju :one
        laptop > CAP REQ server-time
        laptop < CAP alice ACK server-time
        libera > @time=2024-01-01T00:00:00.000Z;+x=y :bob!b@host PRIVMSG #soju :two
        laptop < @time=2024-01-01T00:00:00.000Z :bob!b@host PRIVMSG #soju :two
        laptop > CAP REQ message-tags
        laptop < CAP alice ACK message-tags
        libera > @time=2024-01-01T00:00:00.000Z;+x=y :bob!b@host PRIVMSG #soju :three
        laptop < @time=2024-01-01T00:00:00.000Z;+x=y :bob!b@host PRIVMSG #soju :three
        laptop > CAP REQ :-server-time -message-tags
        laptop < CAP alice ACK :-server-time -message-tags
        libera > @time=2024-01-01T00:00:00.000Z;+x=y :bob!b@host PRIVMSG #soju :four
        laptop < :bob!b@host PRIVMSG #soju :four
        laptop > CAP END
        """,
    )


def test_an_open_negotiation_holds_registration_back(set_stage: SetStage) -> None:
    """Spec: https://ircv3.net/specs/extensions/capability-negotiation#the-cap-end-subcommand."""
    play(
        set_stage(),
        """
        new > PASS secret
        new > CAP REQ batch
        new < CAP * ACK batch
        new > NICK alice
        new > USER alice 0 * :Alice
        new > PING x
        new < PONG x
        new > CAP END
        new < 001 alice *
        new < 002 alice *
        new < 004 **
        new < 005 **
        new < 221 **
        new < 422 **
        """,
    )


def test_what_the_server_has_not_is_withdrawn_before_001_and_offered_again_when_it_is_gone(
    set_stage: SetStage,
) -> None:
    """Rows ATT-01, CAPD-24: DEL disables, and what is offered again is not enabled by itself."""
    stage = set_stage(caps="away-notify chghost", networks=("libera",), channels=())
    stage.listed("new", "CAP LS 302")
    play(
        stage,
        f"""
        new > CAP REQ :away-notify multi-prefix
        new < CAP * ACK :away-notify multi-prefix
        new > PASS secret
        new > NICK alice
        new > USER alice/libera 0 * :Alice
        new > CAP END
        new < CAP alice DEL :sasl {_all_but("away-notify", "chghost")}
        new < CAP alice NEW draft/event-playback
        new < 001 alice *
        new < 002 **
        new < 004 **
        new < 005 **
        new < 221 **
        new < 422 **
        libera < AWAY
        new > CAP LIST
        new < CAP alice LIST :cap-notify away-notify
        """,
    )
    stage.servers["libera"].caps = "multi-prefix"
    play(
        stage,
        f"""
        libera > (closed)
        new < CAP alice NEW :{_all_but("away-notify", "chghost")}
        new < :BouncerServ!BouncerServ@BouncerServ NOTICE alice *
        new < CAP alice DEL :{_all_but("multi-prefix")}
        new < :BouncerServ!BouncerServ@BouncerServ NOTICE alice :Connected to libera
        new > CAP LIST
        new < CAP alice LIST cap-notify
        libera > CAP alice NEW :away-notify
        new < CAP alice NEW away-notify
        """,
    )


def test_a_capability_that_the_server_gains_or_loses_is_told_on(set_stage: SetStage) -> None:
    """Row CAPM-04; the server asks CAP NEW and the bouncer takes what it can use."""
    stage = set_stage(caps="away-notify", channels=())
    stage.attach("laptop", caps="away-notify batch")
    play(
        stage,
        """
        libera > :irc.libera.test CAP alice NEW :account-notify nonsense
        laptop < CAP alice NEW account-notify
        libera > :irc.libera.test CAP alice DEL :away-notify
        laptop < CAP alice DEL away-notify
        laptop > CAP LIST
        laptop < CAP alice LIST :batch cap-notify
        """,
    )


CHATTER = """
    libera > @time=2024-01-01T00:00:00.000Z :dave!d@host JOIN #soju dave :Dave
    libera > @time=2024-01-01T00:00:00.000Z;account=dave :dave!d@host PRIVMSG #soju :hi
    libera > @time=2024-01-01T00:00:00.000Z;+typing=active :dave!d@host TAGMSG #soju
    libera > @time=2024-01-01T00:00:00.000Z :dave!d@host AWAY :gone
    libera > @time=2024-01-01T00:00:00.000Z :dave!d@host ACCOUNT *
    libera > @time=2024-01-01T00:00:00.000Z :dave!d@host CHGHOST d elsewhere
    libera > @time=2024-01-01T00:00:00.000Z :dave!d@elsewhere SETNAME :David
    libera > @time=2024-01-01T00:00:00.000Z :dave!d@elsewhere INVITE carol #soju
    libera > @time=2024-01-01T00:00:00.000Z :carol!c@host MODE #soju +ov dave dave
    libera > :irc.libera.test BATCH +1 vendor/kind a b
    libera > @time=2024-01-01T00:00:00.000Z;batch=1 :dave!d@elsewhere QUIT :a b
    libera > :irc.libera.test BATCH -1
"""
PLAIN = """
    laptop < :dave!d@host JOIN #soju
    laptop < :dave!d@host PRIVMSG #soju hi
    laptop < :dave!d@host QUIT :Changing host
    laptop < :dave!d@elsewhere JOIN #soju
    laptop < :carol!c@host MODE #soju +ov dave dave
    laptop < :dave!d@elsewhere QUIT :a b
"""


@everywhere
def test_a_client_without_capabilities_gets_plain_lines(set_stage: SetStage) -> None:
    """Rows FLT-01 to FLT-03."""
    stage = set_stage()
    stage.attach("laptop")
    play(stage, f"{CHATTER}{PLAIN}")


@pytest.mark.parametrize(
    ("cap", "line"),
    [
        ("away-notify", ":dave!d@host AWAY gone"),
        ("account-notify", ":dave!d@host ACCOUNT *"),
        ("chghost", ":dave!d@host CHGHOST d elsewhere"),
        ("setname", ":dave!d@elsewhere SETNAME David"),
        ("invite-notify", ":dave!d@elsewhere INVITE carol #soju"),
    ],
)
def test_a_capability_lets_its_command_through(set_stage: SetStage, cap: str, line: str) -> None:
    """Row FLT-03."""
    stage = set_stage()
    stage.attach("laptop", caps=cap)
    order = [*PLAIN.strip().splitlines()]
    if cap == "chghost":
        del order[2:4]  # the fallback
    order.insert(4 if cap in ("setname", "invite-notify") else 2, f"laptop < {line}")
    play(stage, f"{CHATTER}\n" + "\n".join(order))


def test_extended_join_and_account_tag_let_their_values_through(set_stage: SetStage) -> None:
    """Rows FLT-01, FLT-03."""
    stage = set_stage()
    stage.attach("laptop", caps="extended-join account-tag")
    play(
        stage,
        f"""
        {CHATTER}
        laptop < :dave!d@host JOIN #soju dave Dave
        laptop < @account=dave :dave!d@host PRIVMSG #soju hi
        laptop < :dave!d@host QUIT :Changing host
        laptop < :dave!d@elsewhere JOIN #soju * Dave
        laptop < :carol!c@host MODE #soju +ov dave dave
        laptop < :dave!d@elsewhere QUIT :a b
        """,
    )


def test_with_message_tags_a_client_gets_all_tags_but_those_of_the_connection(set_stage: SetStage) -> None:
    """Rows FLT-01, FLT-02, UP-10: labels and batches of the server are its own."""
    stage = set_stage()
    stage.attach("laptop", caps="message-tags batch")
    play(
        stage,
        """
        libera > @time=2024-01-01T00:00:00.000Z;msgid=a\\s1;+draft/reply=x;vendor/y :bob!b@host PRIVMSG #soju :hi
        laptop < @time=2024-01-01T00:00:00.000Z;msgid=a\\s1;+draft/reply=x;vendor/y= :bob!b@host PRIVMSG #soju :hi
        libera > @time=2024-01-01T00:00:00.000Z;+typing=active :bob!b@host TAGMSG #soju
        laptop < @time=2024-01-01T00:00:00.000Z;+typing=active :bob!b@host TAGMSG #soju
        libera > :irc.libera.test BATCH +1 vendor/kind a b
        libera > @time=2024-01-01T00:00:00.000Z;batch=1;x=1 :bob!b@host QUIT :a b
        libera > :irc.libera.test BATCH -1
        laptop < @time=2024-01-01T00:00:00.000Z;x=1 :bob!b@host QUIT :a b
        """,
    )


def test_without_multi_prefix_only_the_highest_rank_is_shown(set_stage: SetStage) -> None:
    """Row FLT-04."""
    stage = set_stage()
    stage.attach("laptop")
    stage.attach("phone", caps="multi-prefix")
    play(
        stage,
        """
        libera > @time=2024-01-01T00:00:00.000Z :bob!b@host MODE #soju +v bob
        laptop < :bob!b@host MODE #soju +v bob
        phone < :bob!b@host MODE #soju +v bob
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice @bob carol
        laptop < 366 alice #soju *
        phone > NAMES #soju
        phone < 353 alice = #soju :alice @+bob carol
        phone < 366 alice #soju *
        libera > @time=2024-01-01T00:00:00.000Z :bob!b@host MODE #soju -o bob
        laptop < :bob!b@host MODE #soju -o bob
        phone < :bob!b@host MODE #soju -o bob
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice +bob carol
        laptop < 366 alice #soju *
        """,
    )


def test_names_have_hosts_for_who_asks_for_them_as_far_as_they_are_known(set_stage: SetStage) -> None:
    """Of a joined channel they are rebuilt, of another one cut (row FLT-04).

    Spec: https://ircv3.net/specs/extensions/userhost-in-names
    """
    stage = set_stage(members="@bob!b@host carol")
    stage.attach("laptop")
    stage.attach("phone", caps="userhost-in-names")
    play(
        stage,
        """
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice @bob carol
        laptop < 366 **
        phone > NAMES #soju
        phone < 353 alice = #soju :alice!a@host @bob!b@host carol
        phone < 366 **
        phone > NAMES #other
        libera < @label=$one NAMES #other
        libera > @label=$one :irc.libera.test 353 alice = #other :@+dave!d@host erin!e@host
        phone < :irc.libera.test 353 alice = #other :@dave!d@host erin!e@host
        laptop > NAMES #other
        libera < @label=$two NAMES #other
        libera > @label=$two :irc.libera.test 353 alice = #other :@+dave!d@host erin!e@host
        laptop < :irc.libera.test 353 alice = #other :@dave erin
        """,
    )


def test_a_join_has_its_three_parameters_whatever_the_server_has(set_stage: SetStage) -> None:
    """Clients that have enabled extended-join end without them, so the bouncer makes up what it is not told.

    Spec: https://ircv3.net/specs/extensions/extended-join
    """
    stage = set_stage(caps="away-notify")
    stage.log_in("laptop", caps="extended-join")
    play(
        stage,
        """
        laptop < :alice!a@host JOIN #soju * alice
        laptop < 332 **
        laptop < 333 **
        laptop < 353 **
        laptop < 366 **
        libera < AWAY
        libera > :dave!d@host JOIN #soju
        laptop < :dave!d@host JOIN #soju * dave
        laptop > CAP LIST
        laptop < CAP alice LIST :cap-notify extended-join
        """,
    )
