"""Detached channels: relaying, attaching, detaching by themselves, catching up (rows DET)."""

import pytest

from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.upstream import UpstreamSettings
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.stages import InlineStage
from tests.support.dialog import play
from tests.support.world import HOSTNAME, World

SERVICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE alice"
ROOM = """
    {0} < :alice!a@host JOIN #soju
    {0} < 332 **
    {0} < 333 **
    {0} < 353 **
    {0} < 366 **
"""
"""What shows a client that it is in #soju."""
AGAIN = """
    libera > :alice!a@host JOIN #soju
    libera < MODE #soju
    libera > :irc.libera.test 332 alice #soju :Things
    libera > :irc.libera.test 333 alice #soju bob!b@host 1700000000
    libera > :irc.libera.test 353 alice = #soju :alice @bob
"""
"""The server lets the user in to #soju, and has not told all members yet."""
NEVER = 1e6
PATIENT = {
    "settings": DownstreamSettings(HOSTNAME, ping_after=NEVER, read_deadline=NEVER),
    "upstream": UpstreamSettings(ping_after=NEVER, read_deadline=NEVER),
}
"""Nobody is asked whether it is there while time passes."""


def update(options: str) -> str:
    """Return the dialog in which the laptop changes what is done with #soju."""
    told = ":BouncerServ!BouncerServ@BouncerServ PRIVMSG alice :#soju was updated"
    return f"laptop > PRIVMSG BouncerServ :channel update #soju {options}\nlaptop < {told}\n"


def detach(*peers: str, options: str = "") -> str:
    """Return the dialog in which the first of the clients detaches #soju, with options."""
    told = "".join(f"{name} < :alice!a@host PART #soju Detach\n" for name in peers)
    return (update(options) if options else "") + f"{peers[0]} > PART #soju detach\n{told}"


@everywhere
def test_what_concerns_the_user_in_a_detached_channel_is_relayed(set_stage: SetStage) -> None:
    """Row DET-03: by default highlights, with the time at which they were said; not what the user says."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone", caps="server-time")
    play(
        stage,
        detach("laptop", "phone")
        + f"""
        libera > :bob!b@host PRIVMSG #soju :hello
        libera > @time=2024-01-01T00:00:00.500Z :bob!b@host PRIVMSG #soju :hello Alice!
        laptop < {SERVICE} :#soju: <bob> hello Alice!
        phone < @time=2024-01-01T00:00:00.500Z {SERVICE} :#soju: <bob> hello Alice!
        libera > :bob!b@host PRIVMSG #soju :\x01ACTION pokes alice\x01
        laptop < {SERVICE} :#soju: * bob pokes alice
        phone < @time=* {SERVICE} :#soju: * bob pokes alice
        libera > :bob!b@host NOTICE #soju :alice, look
        laptop < {SERVICE} :#soju: -bob- alice, look
        phone < @time=* {SERVICE} :#soju: -bob- alice, look
        libera > :alice!a@host PRIVMSG #soju :I am alice
        laptop > PRIVMSG #soju :alice is me
        libera < PRIVMSG #soju :alice is me
        """,
    )


@pytest.mark.parametrize(("rule", "relayed"), [("message", 2), ("highlight", 1), ("none", 0)])
def test_what_is_relayed_is_a_setting_of_the_channel(set_inline: SetInline, rule: str, relayed: int) -> None:
    """Row DET-03."""
    stage = set_inline(caps="message-tags")
    stage.attach("laptop")
    texts = ("hi alice", "hi all")[:relayed]
    play(
        stage,
        detach("laptop", options=f"-relay-detached {rule}")
        + """
        libera > :bob!b@host PRIVMSG #soju :hi alice
        libera > :bob!b@host PRIVMSG #soju :hi all
        libera > @+typing=active :bob!b@host TAGMSG #soju
        libera > @+react=alice :bob!b@host TAGMSG #soju
        """
        + "".join(f"laptop < {SERVICE} :#soju: <bob> {text}\n" for text in texts),
    )


def test_what_happens_in_a_detached_channel_is_hidden_and_what_happens_to_people_is_not(set_stage: SetStage) -> None:
    """Row DET-01; questions about it are answered as before."""
    stage = set_stage(caps="away-notify message-tags")
    stage.attach("laptop", caps="away-notify message-tags")
    play(
        stage,
        detach("laptop")
        + """
        libera > @+typing=active :bob!b@host TAGMSG #soju
        libera > :bob!b@host MODE #soju +m
        libera > :dave!d@host JOIN #soju
        libera > :dave!d@host PART #soju
        libera > :bob!b@host KICK #soju carol :out
        libera > :bob!b@host TOPIC #soju :New
        libera > :irc.libera.test 324 alice #soju +nt
        libera > :irc.libera.test 329 alice #soju 1700000001
        libera > :bob!b@host AWAY :lunch
        laptop < @time=* :bob!b@host AWAY lunch
        libera > :bob!b@host NICK robert
        laptop < @time=* :bob!b@host NICK robert
        libera > :robert!b@host QUIT :bye
        laptop < @time=* :robert!b@host QUIT bye
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice
        laptop < 366 alice #soju *
        libera > :eve!e@host KICK #soju alice :out
        """,
    )


def test_a_message_that_attaches_the_channel_is_seen_in_it(set_stage: SetStage) -> None:
    """Row DET-04: with all that was missed before it, and without a relay of it."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        detach("laptop", "phone", options="-reattach-on highlight")
        + """
        libera > :bob!b@host PRIVMSG #soju :hello
        libera > :bob!b@host PRIVMSG #soju :alice?
        """
        + "".join(
            f"{ROOM.format(peer)}{peer} < :bob!b@host PRIVMSG #soju hello\n{peer} < :bob!b@host PRIVMSG #soju alice?\n"
            for peer in ("laptop", "phone")
        )
        + """
        libera > :bob!b@host PRIVMSG #soju :there you are
        laptop < :bob!b@host PRIVMSG #soju :there you are
        phone < :bob!b@host PRIVMSG #soju :there you are
        """,
    )


def test_each_client_catches_up_from_where_it_was_held_back(set_stage: SetStage) -> None:
    """Row DET-08: a batch for who knows those, nothing for who fetches history by itself, and for nobody twice."""
    stage = set_stage(caps="message-tags")
    stage.attach("laptop", caps="batch")
    stage.attach("phone", caps="draft/chathistory")
    stage.attach("desk")
    play(
        stage,
        """
        libera > :bob!b@host PRIVMSG #soju :seen
        laptop < :bob!b@host PRIVMSG #soju seen
        phone < :bob!b@host PRIVMSG #soju seen
        desk < :bob!b@host PRIVMSG #soju seen
        desk > (closed)
        """
        + detach("laptop", "phone")
        + """
        libera > :bob!b@host PRIVMSG #soju :one
        libera > @+react=x :bob!b@host TAGMSG #soju
        libera > :bob!b@host PRIVMSG #soju :two
        """,
    )
    stage.log_in("late", "alice/libera@desk")
    play(
        stage,
        "phone > JOIN #soju\n"
        + "".join(map(ROOM.format, ("laptop", "phone", "late")))
        + """
        laptop < BATCH +$batch chathistory #soju
        laptop < @batch=$batch :bob!b@host PRIVMSG #soju one
        laptop < @batch=$batch :bob!b@host PRIVMSG #soju two
        laptop < BATCH -$batch
        late < :bob!b@host PRIVMSG #soju one
        late < :bob!b@host PRIVMSG #soju two
        libera > :bob!b@host PRIVMSG #soju :three
        laptop < :bob!b@host PRIVMSG #soju three
        phone < :bob!b@host PRIVMSG #soju three
        late < :bob!b@host PRIVMSG #soju three
        laptop > (closed)
        late > (closed)
        """,
    )
    for peer in ("laptop", "late"):
        stage.log_in(peer, f"alice/libera@{peer.replace('late', 'desk')}")
        play(stage, ROOM.format(peer))


def test_a_client_that_comes_while_the_channel_is_detached_catches_up_later(set_inline: SetInline) -> None:
    """Row DET-08, better: also over a kill of the bouncer, and if the client is away when the channel is attached."""
    stage = set_inline(caps="", of_network={"auto_away": False})
    stage.attach("laptop")
    stage.attach("phone")
    play(stage, detach("laptop", "phone") + "libera > :bob!b@host PRIVMSG #soju :one\nphone > (closed)")
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    again.log_in("laptop")
    again.log_in("phone")
    play(again, "libera > :bob!b@host PRIVMSG #soju :two\nphone > (closed)")
    missed = "".join(f"{{0}} < :bob!b@host PRIVMSG #soju {text}\n" for text in ("one", "two"))
    play(again, "laptop > JOIN #soju\n" + ROOM.format("laptop") + missed.format("laptop"))
    again.log_in("phone")
    play(again, ROOM.format("phone") + missed.format("phone"))


def test_a_channel_can_be_attached_before_all_its_members_are_known(set_stage: SetStage) -> None:
    """Row DET-10: clients are shown it, and what they have missed, when they are."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        detach("laptop")
        + f"""
        libera > :bob!b@host KICK #soju alice :out
        libera > :bob!b@host INVITE alice #soju
        libera < JOIN #soju
        {AGAIN}
        laptop > JOIN #soju
        libera > :dave!d@host JOIN #soju
        libera > :bob!b@host PRIVMSG #soju :already
        libera > :irc.libera.test 366 alice #soju :End
        laptop < :alice!a@host JOIN #soju
        laptop < 332 alice #soju Things
        laptop < 333 **
        laptop < 353 alice = #soju :alice @bob dave
        laptop < 366 **
        laptop < :bob!b@host PRIVMSG #soju already
        libera > :bob!b@host PRIVMSG #soju :now
        laptop < :bob!b@host PRIVMSG #soju now
        """,
    )


def test_detaching_again_before_it_was_shown_is_fine(set_stage: SetStage) -> None:
    """Row DET-10."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        detach("laptop")
        + f"""
        libera > :bob!b@host KICK #soju alice :out
        {AGAIN}
        laptop > JOIN #soju
        laptop > PART #soju detach
        laptop < :alice!a@host PART #soju Detach
        libera > :irc.libera.test 366 alice #soju :End
        libera > :bob!b@host PRIVMSG #soju :hidden
        laptop > JOIN #soju
        """
        + ROOM.format("laptop")
        + "laptop < :bob!b@host PRIVMSG #soju hidden",
    )


def quiet(stage: InlineStage, seconds: float) -> None:
    """Let time pass in which nothing is said to anybody."""
    stage.world.advance(seconds)
    play(stage, "")


def idle(set_inline: SetInline, options: str = "-detach-after 10m") -> InlineStage:
    """Return a stage on which #soju detaches by itself."""
    stage = set_inline(caps="message-tags", **PATIENT)
    stage.attach("laptop")
    play(stage, update(options))
    return stage


GONE = "laptop < :alice!a@host PART #soju Detach"
SAID = "libera > :bob!b@host PRIVMSG #soju :{0}\nlaptop < :bob!b@host PRIVMSG #soju :{0}\n"


def test_a_channel_detaches_when_nothing_is_said_in_it(set_inline: SetInline) -> None:
    """Rows DET-05, DET-06: by default any message counts, tags alone never."""
    stage = idle(set_inline)
    quiet(stage, 599)
    play(stage, SAID.format("hi"))
    quiet(stage, 599)
    play(stage, SAID.format("hi"))
    quiet(stage, 300)
    play(stage, "libera > @+react=x :bob!b@host TAGMSG #soju")
    play(stage, "libera > :dave!d@host JOIN #soju\nlaptop < :dave!d@host JOIN #soju")
    quiet(stage, 299)
    stage.world.advance(1)
    play(stage, GONE)
    quiet(stage, 1000)
    play(stage, "laptop > JOIN #soju\n" + ROOM.format("laptop"))
    quiet(stage, 599)
    stage.world.advance(1)
    play(stage, GONE)


@pytest.mark.parametrize(
    ("rule", "text", "counts"), [("highlight", "hi alice", True), ("highlight", "hi", False), ("none", "alice", False)]
)
def test_what_keeps_a_channel_attached_is_a_setting(set_inline: SetInline, rule: str, text: str, counts: bool) -> None:
    """Row DET-06."""
    stage = idle(set_inline, f"-detach-after 10m -detach-on {rule}")
    quiet(stage, 300)
    play(stage, SAID.format(text))
    stage.world.advance(300)
    play(stage, "" if counts else GONE)


@pytest.mark.parametrize("caps", ["", "echo-message labeled-response message-tags batch"])
def test_what_the_user_says_keeps_a_channel_attached(set_inline: SetInline, caps: str) -> None:
    """Row DET-06: own messages always count."""
    stage = set_inline(caps=caps, **PATIENT)
    stage.attach("laptop")
    play(stage, update("-detach-after 10m -detach-on none"))
    quiet(stage, 300)
    if caps:
        echo = "libera < @label=$label PRIVMSG #soju mine\nlibera > @label=$label :alice!a@host PRIVMSG #soju :mine"
        play(stage, f"laptop > PRIVMSG #soju :mine\n{echo}")
    else:
        play(stage, "laptop > PRIVMSG #soju :mine\nlibera < PRIVMSG #soju mine")
    quiet(stage, 599)
    stage.world.advance(1)
    play(stage, GONE)


def test_options_that_change_begin_the_wait_anew(set_inline: SetInline) -> None:
    """Rows DET-06, SVC-09; and without detach-after there is none."""
    stage = idle(set_inline)
    quiet(stage, 300)
    play(stage, update("-detach-after 400s"))
    quiet(stage, 399)
    play(stage, update("-detach-after 0"))
    quiet(stage, 1000)


def test_a_connection_that_ends_stops_the_wait(set_inline: SetInline) -> None:
    """Row LIF-12: it begins anew with the next JOIN."""
    stage = idle(set_inline)
    quiet(stage, 300)
    stage.servers["libera"].quiet = True
    stage.say("libera", "(closed)")
    stage.world.advance(310)
    assert not [line for line in stage.unheard()["laptop"] if " PART " in line]
    stage.forget()


def test_chathistory_tells_no_detached_channels_but_answers_about_them(set_stage: SetStage) -> None:
    """Row DET-09."""
    stage = set_stage(caps="server-time", channels=("#soju", "#other"))
    stage.attach("laptop", caps="draft/chathistory batch server-time")
    first, last = "timestamp=2024-01-01T00:00:00.000Z", "timestamp=2024-01-02T00:00:00.000Z"
    play(
        stage,
        detach("laptop")
        + f"""
        libera > @time=2024-01-01T12:00:00.000Z :bob!b@host PRIVMSG #soju :hidden
        libera > @time=2024-01-01T13:00:00.000Z :bob!b@host PRIVMSG #other :shown
        laptop < @time=2024-01-01T13:00:00.000Z :bob!b@host PRIVMSG #other shown
        laptop > CHATHISTORY TARGETS {first} {last} 10
        laptop < BATCH +$a draft/chathistory-targets
        laptop < @batch=$a CHATHISTORY TARGETS #other 2024-01-01T13:00:00.000Z
        laptop < BATCH -$a
        laptop > CHATHISTORY LATEST #soju * 10
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b;time=2024-01-01T12:00:00.000Z :bob!b@host PRIVMSG #soju hidden
        laptop < BATCH -$b
        """,
    )
