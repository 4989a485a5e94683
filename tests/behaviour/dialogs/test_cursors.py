"""What a client gets that was away: cursors by client name (section 5.4 of the reference)."""

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.stages import InlineStage
from tests.support.dialog import play
from tests.support.world import Setting, World

QUIET = {"auto_away": False}
ROOM = """
    {0} < :alice!a@host JOIN #soju
    {0} < 332 **
    {0} < 333 **
    {0} < 353 **
    {0} < 366 **
"""
"""How a client enters #soju."""


def said(*texts: str, to: str = "#soju", by: str = "bob", seen: str = "") -> str:
    """Return the steps in which somebody says something, and a client sees it."""
    lines = [f":{by}!{by[0]}@host PRIVMSG {to} :{text}" for text in texts]
    return "".join(f"libera > {line}\n" + (f"{seen} < {line}\n" if seen else "") for line in lines)


def shown(peer: str, *texts: str, to: str = "#soju", by: str = "bob") -> str:
    """Return the steps in which a client is shown what was said."""
    return "".join(f"{peer} < :{by}!{by[0]}@host PRIVMSG {to} :{text}\n" for text in texts)


@everywhere
def test_each_name_has_a_cursor_of_its_own(set_stage: SetStage) -> None:
    """Rows RCP-01, RCP-04, RCP-05: a name catches up on what it missed; one that is new has missed nothing."""
    stage = set_stage(caps="", of_network=QUIET)
    stage.attach("laptop")
    stage.attach("phone")
    play(stage, said("one", seen="laptop") + shown("phone", "one"))
    play(stage, "phone > (closed)\n" + said("two", seen="laptop"))
    play(stage, "laptop > (closed)\n" + said("three"))
    for peer, missed in (("laptop", ("three",)), ("phone", ("two", "three")), ("tablet", ())):
        stage.log_in(peer)
        play(stage, ROOM.format(peer) + shown(peer, *missed))
    play(stage, said("four") + "".join(shown(peer, "four") for peer in ("laptop", "phone", "tablet")))


def test_the_backlog_comes_in_a_batch_for_clients_that_know_batches(set_stage: SetStage) -> None:
    """Row RCP-07: PRIVMSG and NOTICE only, oldest first, target by target, with their times."""
    stage = set_stage(caps="server-time message-tags", of_network=QUIET)
    stage.attach("laptop", caps="batch server-time")
    play(
        stage,
        """
        laptop > (closed)
        libera > @time=2024-01-01T00:00:01.000Z;msgid=1 :bob!b@host PRIVMSG #soju :one
        libera > @time=2024-01-01T00:00:02.000Z :bob!b@host TOPIC #soju :Things
        libera > @time=2024-01-01T00:00:03.000Z :dave!d@host PRIVMSG alice :two
        libera > @time=2024-01-01T00:00:04.000Z :bob!b@host NOTICE #soju :three
        """,
    )
    stage.log_in("laptop", caps="batch server-time")
    play(
        stage,
        """
        laptop < @time=* :alice!a@host JOIN #soju
        laptop < 332 alice #soju Things
        laptop < 333 **
        laptop < 353 **
        laptop < 366 **
        laptop < BATCH +$soju chathistory #soju
        laptop < @batch=$soju;time=2024-01-01T00:00:01.000Z :bob!b@host PRIVMSG #soju one
        laptop < @batch=$soju;time=2024-01-01T00:00:04.000Z :bob!b@host NOTICE #soju three
        laptop < BATCH -$soju
        laptop < BATCH +$dave chathistory dave
        laptop < @batch=$dave;time=2024-01-01T00:00:03.000Z :dave!d@host PRIVMSG alice two
        laptop < BATCH -$dave
        """,
    )


def test_only_the_first_client_of_a_name_catches_up(set_stage: SetStage) -> None:
    """Row RCP-04."""
    stage = set_stage(caps="", of_network=QUIET)
    stage.attach("one", "alice/libera@phone")
    play(stage, "one > (closed)\n" + said("missed"))
    stage.log_in("two", "alice/libera@phone")
    stage.log_in("three", "alice/libera@phone")
    play(stage, ROOM.format("two") + shown("two", "missed") + ROOM.format("three"))


def test_the_empty_name_is_a_name(set_stage: SetStage) -> None:
    """Row RCP-01."""
    stage = set_stage(caps="", of_network=QUIET)
    stage.attach("laptop", "alice/libera")
    play(stage, "laptop > (closed)\n" + said("missed"))
    stage.log_in("laptop", "alice/libera")
    play(stage, ROOM.format("laptop") + shown("laptop", "missed"))


@everywhere
def test_the_first_message_of_a_new_target_reaches_all_known_names(set_stage: SetStage) -> None:
    """Row RCP-06, better: a name is known once it was attached, also if it never had a message."""
    stage = set_stage(caps="", of_network=QUIET)
    for peer in ("laptop", "phone"):
        stage.attach(peer)
        play(stage, f"{peer} > (closed)")
    play(stage, said("psst", to="alice", by="dave"))
    for peer in ("laptop", "phone"):
        stage.log_in(peer)
        play(stage, ROOM.format(peer) + shown(peer, "psst", to="alice", by="dave"))
    stage.log_in("tablet")
    play(stage, ROOM.format("tablet"))


def test_a_cursor_moves_when_the_client_has_confirmed_and_not_before(set_inline: SetInline) -> None:
    """Row RCP-02."""
    stage = set_inline(caps="", of_network=QUIET)
    stage.attach("laptop")
    play(stage, said("one", seen="laptop"))
    stage.clients["laptop"].answers_pings = False
    play(stage, said("two", "three", seen="laptop") + "laptop > PONG :soju-actors-receipt-77\nlaptop > (closed)")
    stage.log_in("laptop")
    play(stage, ROOM.format("laptop") + shown("laptop", "two", "three"))


def test_a_client_is_not_replayed_what_it_has_said_itself(set_stage: SetStage) -> None:
    """Row RCP-02: what was hidden from it counts as received; other names catch up on it."""
    stage = set_stage(caps="message-tags", of_network=QUIET)
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        phone > (closed)
        laptop > PRIVMSG #soju :mine
        libera < PRIVMSG #soju :mine
        laptop > PING x
        laptop < PONG bouncer.test x
        laptop > (closed)
        """,
    )
    stage.log_in("laptop")
    stage.log_in("phone")
    play(stage, ROOM.format("laptop") + ROOM.format("phone") + "phone < :alice!a@host PRIVMSG #soju mine")


def test_clients_with_chathistory_neither_read_cursors_nor_move_them(set_stage: SetStage) -> None:
    """Row RCP-10: they ask for what they want."""
    stage = set_stage(caps="", of_network=QUIET)
    stage.attach("plain", "alice/libera@laptop")
    play(stage, said("one", seen="plain") + "plain > (closed)\n" + said("two"))
    stage.log_in("modern", "alice/libera@laptop", caps="draft/chathistory")
    play(stage, ROOM.format("modern") + said("three", seen="modern") + "modern > (closed)")
    stage.log_in("plain", "alice/libera@laptop")
    play(stage, ROOM.format("plain") + shown("plain", "two", "three"))


def test_what_happened_in_a_detached_channel_is_replayed_when_it_is_followed_again(set_stage: SetStage) -> None:
    """Rows DET-01, DET-08: until then it is hidden; then who was away catches up too, once."""
    stage = set_stage(caps="", of_network=QUIET)
    stage.attach("laptop")
    play(
        stage,
        "laptop > PART #soju detach\nlaptop < :alice!a@host PART #soju Detach\nlaptop > (closed)\n" + said("hidden"),
    )
    stage.log_in("laptop")
    play(stage, "laptop > JOIN #soju\n" + ROOM.format("laptop") + shown("laptop", "hidden") + "laptop > (closed)")
    stage.log_in("laptop")
    play(stage, ROOM.format("laptop"))


def test_a_backlog_that_the_ring_has_no_more_is_read_from_the_database(set_inline: SetInline) -> None:
    """DESIGN: who has fallen out of the ring is served from the store; what comes meanwhile waits for its turn."""
    stage = set_inline(caps="", of_network=QUIET, ring=4)
    stage.attach("laptop")
    texts = [f"line {n}" for n in range(2500)]
    play(stage, "laptop > (closed)")
    stage.servers["libera"].say(*[f":bob!b@host PRIVMSG #soju :{text}" for text in texts])
    stage.world.run()
    for line in ("PASS secret", "NICK alice", "USER alice/libera@laptop 0 * :Alice"):
        stage.say("laptop", line)
    stage.servers["libera"].say(":bob!b@host PRIVMSG #soju :live")
    stage.world.run()
    lines = [line.rpartition(":")[2] for line in stage.unheard()["laptop"] if " PRIVMSG " in line]
    assert lines == [*texts, "live"]
    stage.forget()


def test_cursors_and_messages_survive_a_kill(set_inline: SetInline) -> None:
    """Row RCP-03, better: a crash loses no cursor movement."""
    stage = set_inline(caps="", of_network=QUIET)
    stage.attach("laptop")
    stage.attach("phone")
    play(stage, "phone > (closed)\n" + said("one", seen="laptop") + said("psst", to="alice", by="dave", seen="laptop"))
    play(stage, "laptop > (closed)\n" + said("two"))
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    for peer, missed in (("laptop", ("two",)), ("phone", ("one", "two"))):
        again.log_in(peer)
        psst = shown(peer, "psst", to="alice", by="dave") if peer == "phone" else ""
        lines = shown(peer, *missed)
        play(again, ROOM.format(peer) + lines + psst)
    play(again, said("three", seen="laptop") + shown("phone", "three"))


def test_nothing_is_replayed_twice_over_many_kills() -> None:
    """A client that confirms everything sees each line once, in order, whenever the bouncer dies."""
    setting = Setting(caps="")
    world = World(setting)
    seen: list[str] = []
    for round_ in range(5):
        client = world.attach()
        for n in range(3):
            world.say(f":bob!b@host PRIVMSG #soju :{round_}.{n}")
        seen += [line.rpartition(":")[2] for line in client.received() if " PRIVMSG " in line]
        client.close()
        world.say(f":bob!b@host PRIVMSG #soju :{round_}.3")
        world = World(setting, database=world.database)
    assert seen == [f"{r}.{n}" for r in range(5) for n in range(4)][:-1]
