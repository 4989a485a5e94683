"""``history purge``: what is stored goes, numbers and cursors stay, nothing is shown twice."""

import pytest

from tests.behaviour.service.asking import answers, control, said
from tests.support.world import InlineClient, World

CAPS = "message-tags batch server-time draft/chathistory"


@pytest.fixture
def world() -> World:
    return World()


def say(world: World, *texts: str, target: str = "#soju") -> None:
    world.say(*(f":bob!b@h PRIVMSG {target} :{text}" for text in texts))


def texts(client: InlineClient) -> list[str]:
    """Return what bob has said to a client."""
    return [line.rpartition(" :")[2] for line in client.received() if " PRIVMSG " in line and ":bob!b@h" in line]


def history(client: InlineClient, target: str = "#soju") -> list[str]:
    client.received()
    client.send(f"CHATHISTORY LATEST {target} * 50")
    return texts(client)


def purge(client: InlineClient, text: str) -> list[str]:
    """Ask for a deletion and confirm it; return the answer."""
    told = said(client, f"history purge {text}")[-1]
    return said(client, told.partition("say: ")[2])


def stored(world: World) -> int:
    with world.database.transaction(write=False) as session:
        execute = session._open.execute  # type: ignore[attr-defined]
        count = "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM recent)"
        return int(execute(count).fetchone()[0])


def test_a_deletion_is_confirmed_with_the_token_that_was_told(world: World) -> None:
    laptop = world.attach(caps=CAPS)
    say(world, "one", "two", "three")
    told = said(laptop, "history purge #SOJU")
    assert told[:2] == [
        "This deletes all that is stored of #SOJU on libera, for ever:",
        "up to 4 messages. Clients keep what they were shown.",
    ]
    assert told[2].startswith("If you mean it, say: history purge -network libera #SOJU ")
    assert said(laptop, "history purge #soju 12345678") == ["error: that is not the token: leave it out to be told"]
    assert history(laptop) == ["one", "two", "three"]
    assert said(laptop, told[2].partition("say: ")[2]) == ["What was stored of #SOJU on libera is deleted"]
    assert history(laptop) == []
    world.advance(60)
    assert stored(world) == 0


def test_what_is_said_later_is_shown_once_and_stored(world: World) -> None:
    laptop, phone = world.attach(caps=CAPS), world.attach("alice/libera@phone")
    say(world, "one", "two")
    texts(phone)
    assert purge(laptop, "#soju")[-1].endswith("deleted")
    say(world, "three")
    assert texts(phone) == ["three"]
    assert history(laptop) == ["three"]
    world.advance(60)
    say(world, "four")
    assert texts(phone) == ["four"]
    assert history(laptop) == ["three", "four"]


def test_who_was_away_gets_what_came_after_the_deletion_and_no_more(world: World) -> None:
    """Cursors hold: the client's place is before what was deleted, and moves on behind it."""
    laptop, phone = world.attach(caps=CAPS), world.attach("alice/libera@phone")
    phone.close()
    say(world, "missed", "missed too")
    purge(laptop, "#soju")
    say(world, "kept")
    phone = world.attach("alice/libera@phone")
    assert texts(phone) == ["kept"]
    say(world, "live")
    assert texts(phone) == ["live"]
    phone.close()
    assert texts(world.attach("alice/libera@phone")) == []


def test_a_client_that_does_not_read_is_not_stuck(world: World) -> None:
    slow = world.attach("alice/libera@slow", pings=False)
    laptop = world.attach(caps=CAPS)
    slow.peer.stall()
    say(world, *(str(number) for number in range(3000)))
    purge(laptop, "#soju")
    say(world, "after")
    slow.peer.unstall()
    world.run()
    heard = texts(slow)
    assert heard[-1] == "after"
    assert heard[:-1] == [str(number) for number in range(len(heard) - 1)]


def test_it_holds_over_a_restart(world: World) -> None:
    laptop, phone = world.attach(caps=CAPS), world.attach("alice/libera@phone")
    phone.close()
    say(world, "one", "two")
    purge(laptop, "#soju")
    again = World(database=world.database)
    assert texts(again.attach("alice/libera@phone")) == []
    laptop = again.attach(caps=CAPS)
    assert history(laptop) == []
    again.say(":bob!b@h PRIVMSG #soju :new")
    assert history(laptop) == ["new"]


def test_everything_of_a_network_is_deleted_and_nothing_of_another() -> None:
    world = World()
    laptop = world.attach(caps=CAPS)
    say(world, "in private", target="alice")
    say(world, "in public")
    assert said(laptop, "history purge *")[0] == "This deletes all that is stored of all targets on libera, for ever:"
    assert purge(laptop, "*") == ["What was stored of all targets on libera is deleted"]
    assert history(laptop) == []
    assert history(laptop, "bob") == []


def test_a_target_that_sleeps_is_deleted_too() -> None:
    world = World()
    world.attach(caps=CAPS)
    say(world, "in private", target="alice")
    again = World(database=world.database)
    laptop = again.attach(caps=CAPS)
    assert history(laptop, "bob") == ["in private"]
    purge(laptop, "bob")
    assert history(laptop, "bob") == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("#nowhere", "nothing is stored of #nowhere on libera"),
        ("", "history purge needs <target> [token]"),
        ("#soju -network efnet", "there is no network 'efnet'; your networks: libera"),
    ],
)
def test_what_cannot_be_deleted_is_told(world: World, text: str, error: str) -> None:
    assert said(world.attach(), f"history purge {text}") == [f"error: {error}"]


def test_an_admin_deletes_in_a_users_name(world: World) -> None:
    say(world, "one")
    told = control(world, "user run alice history purge #soju/libera")[-2]
    lines = control(world, f"user run alice {told.partition('say: ')[2]}")
    assert lines == ["PRIVMSG * :What was stored of #soju on libera is deleted", "BOUNCERSERV OK"]


def test_a_deletion_that_fails_is_told(world: World) -> None:
    laptop = world.attach(caps=CAPS)
    say(world, "one")
    told = said(laptop, "history purge #soju")[-1].partition("say: ")[2]
    world.database.close()
    lines = said(laptop, told)
    assert lines[0].startswith("error: ")
    assert answers(laptop) == []
