"""The state of each actor can go to another node: it holds nothing that has no meaning there."""

import pytest

from actors import Ref
from actors.bases.values import Values
from tests.support.graphs import assert_same
from tests.support.world import Setting, World

VALUES = Values(("actors", "soju_actors"))
CAPS = "batch message-tags server-time draft/chathistory labeled-response draft/metadata-2"


@pytest.fixture(scope="module")
def world() -> World:
    """A bouncer in the middle of a day: clients, some of them slow, talk, questions under way."""
    world = World(Setting(networks=("libera", "oftc"), channels=("#soju", "#irc"), ring=32))
    laptop = world.attach(caps=CAPS)
    world.attach("alice/libera@phone", pings=False)
    world.attach("alice@unbound")
    for number in range(80):
        world.say(f"@time=2024-01-01T00:00:01.000Z;msgid=id{number} :bob!b@host PRIVMSG #soju :said {number}")
    world.say(":bob!b@host PRIVMSG alice :\udcff in private", ":carol!c@host AWAY :gone")
    laptop.send("MONITOR + bob,dave", "PRIVMSG BouncerServ :channel update #irc -detached true", "AWAY :back soon")
    world.server.obliging = False
    laptop.send("@label=1 WHOIS bob", "WHO #soju", "MODE #soju b", "CHATHISTORY LATEST #soju * 10")
    laptop.send("BATCH +1 draft/multiline #soju", "@batch=1 PRIVMSG #soju :one line of")
    return world


@pytest.mark.parametrize(
    "path",
    [
        "registry",
        "user/alice",
        "user/alice/buffer-1-3",
        "user/alice/upstream-1",
        "listener/1",
        "store",
        "pacer",
    ],
)
def test_a_state_is_the_same_after_it_has_travelled(world: World, path: str) -> None:
    actor = world.system.actor(Ref(path))
    assert_same(actor, VALUES.decode(VALUES.encode(actor, path)))
