"""SEARCH (row SRC-01).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.stages import AnyStage
from tests.support.dialog import play

CAPS = "batch message-tags server-time soju.im/search"
DAY = "2024-01-01T00:00:"


def fill(stage: AnyStage) -> None:
    """Let something be said at each of seconds 1 to 9, in two channels and two queries."""
    stage.attach("laptop", caps=CAPS)
    for second, said in enumerate(
        (
            ":bob!b@host PRIVMSG #soju :the quick fox",
            ":carol!c@host PRIVMSG #soju :the slow fox",
            ":bob!b@host PRIVMSG #other :a quick dog",
            ":bob!b@host NOTICE alice :quick, the fox!",
            ":alice!a@host PRIVMSG bob :what fox",
            ":Bob!b@host PRIVMSG #soju :Fox again",
            ":bob!b@host TOPIC #soju :All about the fox",
            ":dave!d@host PRIVMSG alice :fox and hound",
            ":bob!b@host PRIVMSG #soju :foxes are others",
        ),
        1,
    ):
        stage.say("libera", f"@time={DAY}0{second}.000Z {said}")
    stage.forget()


def found(stage: AnyStage, attributes: str, peer: str = "laptop") -> str:
    """Return the seconds of what a search finds."""
    stage.say(peer, f"SEARCH {attributes}")
    assert (stage.next_line(peer) or "").endswith(" soju.im/search")
    seconds = []
    while "BATCH -" not in (line := stage.next_line(peer) or "BATCH -"):
        seconds.append(line.partition(".")[0][-1])
    assert not stage.unheard()[peer]
    return "".join(seconds)


@everywhere
def test_what_was_said_is_found(set_stage: SetStage) -> None:
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    play(
        stage,
        f"""
        laptop > SEARCH in=#soju;text=fox\\sthe
        laptop < BATCH +$s soju.im/search
        laptop < @batch=$s;time={DAY}01.000Z :bob!b@host PRIVMSG #soju :the quick fox
        laptop < @batch=$s;time={DAY}02.000Z :carol!c@host PRIVMSG #soju :the slow fox
        laptop < BATCH -$s
        """,
    )


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("in=#soju;text=fox", "126"),
        ("in=#SOJU;text=FOX;limit=2", "26"),
        ("in=#soju;from=bob", "169"),
        ("in=#soju;from=BOB;text=fox", "16"),
        ("in=bob", "45"),
        ("in=dave;text=fox", "8"),
        ("text=fox", "124568"),
        (":text=the fox;in=#soju", "12"),
        ("text=the fox;in=#soju", "12"),
        (f"text=fox;before={DAY}05.000Z", "124"),
        (f"text=fox;before={DAY}05.000Z;limit=2", "24"),
        (f"text=fox;after={DAY}02.000Z;limit=2", "45"),
        (f"in=#soju;after={DAY}01.000Z;limit=1", "2"),
        (f"text=fox;after={DAY}02.000Z;before={DAY}06.000Z", "45"),
        ("in=#soju;limit=2", "69"),
        ("in=#soju;limit=99999999999999999999", "1269"),
        ("in=#soju;limit=0000000000000002", "69"),
        ("in=#soju;text=fox;colour=red;also", "126"),
        ("in=#nowhere;text=fox", ""),
        ("in=BouncerServ", ""),
        ("in=#soju;text=?!", ""),
        (r"in=#soju\n;text=fox\r\n", ""),
    ],
)
def test_a_search_finds_what_its_attributes_say(set_inline: SetInline, attributes: str, seconds: str) -> None:
    """Better: without ``in`` all of the network is searched, and nicks are compared as IRC does.

    With ``after`` it begins there, else at the newest; both bounds are exclusive.
    """
    stage = set_inline(caps="message-tags server-time")
    fill(stage)
    assert found(stage, attributes) == seconds


@pytest.mark.parametrize(
    ("attributes", "reply"),
    [
        ("", "461 alice SEARCH *"),
        (" in=#soju;limit=0", "FAIL SEARCH INVALID_PARAMS limit *"),
        (" in=#soju;limit=-1", "FAIL SEARCH INVALID_PARAMS limit *"),
        (" in=#soju;limit=", "FAIL SEARCH INVALID_PARAMS limit *"),
        (" in=#soju;limit=\\r\\nx", "FAIL SEARCH INVALID_PARAMS limit *"),
        (" in=#soju;after=yesterday", "FAIL SEARCH INVALID_PARAMS after *"),
        (" in=#soju;before=2024-02-30T00:00:00.000Z", "FAIL SEARCH INVALID_PARAMS before *"),
    ],
)
def test_what_cannot_be_searched_for_is_answered_with_fail(set_inline: SetInline, attributes: str, reply: str) -> None:
    stage = set_inline()
    stage.attach("laptop", caps=CAPS)
    play(stage, f"laptop > SEARCH{attributes}\nlaptop < {reply}")


def test_an_unbound_client_names_the_network_too(set_stage: SetStage) -> None:
    """Better: soju does not search there at all."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    stage.attach("desk", "alice", caps=CAPS)
    assert found(stage, "in=#soju/libera;text=fox", "desk") == "126"
    assert found(stage, "in=/libera;text=quick", "desk") == "134"
    play(
        stage,
        """
        desk > SEARCH text=fox
        desk < FAIL SEARCH INVALID_PARAMS in *
        desk > SEARCH in=#soju/nowhere;text=fox
        desk < FAIL SEARCH INVALID_PARAMS in *
        """,
    )


def test_what_is_found_is_what_was_said_before_it_was_asked_for(set_stage: SetStage) -> None:
    """DESIGN: the question waits until all that was said before is stored."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    play(
        stage,
        f"""
        libera > @time={DAY}20.000Z :bob!b@host PRIVMSG #soju :newest
        laptop < @time={DAY}20.000Z :bob!b@host PRIVMSG #soju newest
        laptop > SEARCH in=#soju;text=newest
        laptop < BATCH +$b soju.im/search
        laptop < @batch=$b;time={DAY}20.000Z :bob!b@host PRIVMSG #soju newest
        laptop < BATCH -$b
        """,
    )


def test_a_client_without_batches_gets_what_is_found_as_plain_lines(set_stage: SetStage) -> None:
    """Row FLT-02."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    stage.attach("plain")
    play(
        stage,
        """
        plain > SEARCH text=hound
        plain < :dave!d@host PRIVMSG alice :fox and hound
        plain > SEARCH text=cat
        plain > PING x
        plain < PONG bouncer.test x
        """,
    )


@pytest.mark.parametrize("attributes", ["in=#soju", "in=#soju;limit=1000"])
def test_a_search_finds_a_hundred_messages_at_most(set_inline: SetInline, attributes: str) -> None:
    """Row LIM-17: the newest of them."""
    stage = set_inline(caps="message-tags server-time")
    stage.attach("laptop", caps=CAPS)
    for number in range(105):
        stage.say("libera", f":bob!b@host PRIVMSG #soju :number {number}")
    stage.forget()
    stage.say("laptop", f"SEARCH {attributes}")
    lines = [line for line in stage.unheard()["laptop"] if " PRIVMSG " in line]
    assert (len(lines), lines[0].rpartition(" ")[2]) == (100, "5")
