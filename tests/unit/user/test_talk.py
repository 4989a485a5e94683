"""Talk that is taken from its line is what the handlers would have made of its message (rows UP-11, UP-34)."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from actors import Ref, Turn
from soju_actors.history.hiding import Hidden
from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.errors import ParseError
from soju_actors.irc.message import parse_message
from soju_actors.model.records import Network, NetworkId, User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.user.feed import Feed
from soju_actors.user.routing import dispatch
from soju_actors.user.said import Said
from soju_actors.user.state import Handle, NetworkState, UserState
from soju_actors.user.talk import take_talk

NONE: Ref[Any] = Ref("none")
WALL = 1_700_000_000.25
TIME = "time=2024-01-01T00:00:00.123Z"
BOB = ":bob!b@test PRIVMSG #soju :hello"


class Scene:
    """A user in channels, of which one is detached, with somebody to talk to."""

    def __init__(self) -> None:
        settings = ServerSettings("bouncer.test")
        self.user = UserState(User(UserId(1), "alice"), settings, NONE, NONE, NONE)
        self.network = NetworkState(
            Network(NetworkId(1), UserId(1), "libera", "ircs://irc.libera.test"), NONE, Feed(), nick="alice"
        )
        self.network.welcomed = True
        self.network.blocked = Hidden(frozenset({"spam"}), Casemapping.RFC1459)
        for key, (name, plain) in enumerate({"#soju": True, "#away": False, "carol": True}.items(), 1):
            handle = Handle(key, NONE, name, 7, 7, shown=plain, plain=plain)
            self.network.handles[name] = self.network.spelled[name] = handle
            self.user.handles[key] = (self.network, handle)
        self.network.handles["#SOJU"] = self.network.handles["#soju"]

    def take(self, line: str) -> bool:
        return take_talk(self.user, self.network, line, WALL)

    def handle(self, line: str) -> None:
        dispatch(Said(self.user, self.network, parse_message(line), Turn(None, NONE, 0.0), WALL))  # type: ignore[arg-type]

    def left(self) -> object:
        """Return what there is to be stored and shown."""
        fresh = {handle.target: (handle.fresh, handle.end) for handle in self.user.touched}
        return fresh, self.network.uncommitted, self.network.feed


TAGS = f"{TIME} time= time time=never msgid=1 msgid msgid=a\\sb +x=time xmsgid=2 label=1 batch=2 account=time".split()
SOURCES = "bob!b@test bob alice!a@test ALICE!a@test spam!s@test irc.test a@b!c ! BouncerServ!x@y".split()  # noqa: SIM905
PARTS: tuple[list[str], ...] = (
    ["", *(f"@{tag} " for tag in TAGS), *(f"@{one};{other} " for one, other in product(TAGS, repeat=2))],
    ["", *(f":{source} " for source in SOURCES), ":bob!b@test  ", "bob!b@test "],
    ["PRIVMSG ", "privmsg ", "NOTICE ", "TAGMSG ", "PRIVMSG  "],
    ["#soju ", "#SOJU ", "#away ", "carol ", "alice ", "@#soju ", "* ", "$* ", ":#soju ", "#soju"],
    [":hello", ":hello  you", "hello", "two words", "", ":", ": "],
)
USUAL = ("@time=2024-01-01T00:00:00.123Z ", ":bob!b@test ", "PRIVMSG ", "#soju ", ":hello")


def lines() -> Iterator[str]:
    """Yield the usual line with any two of its parts replaced."""
    for first, second in combinations(range(len(USUAL)), 2):
        for one, other in product(PARTS[first], PARTS[second]):
            yield "".join({**dict(enumerate(USUAL)), first: one, second: other}.values())


def test_what_is_taken_from_a_line_is_what_its_handler_stores_and_shows() -> None:
    for line in set(lines()):
        quick, slow = Scene(), Scene()
        taken = quick.take(line)
        try:
            slow.handle(line)
        except (ParseError, AttributeError):  # no message, or a buffer is to be started: here is no actor for that
            assert not taken, line
            continue
        assert quick.left() == (slow.left() if taken else Scene().left()), line


def test_nearly_all_that_is_said_is_taken() -> None:
    scene = Scene()
    lines = [BOB, f"@{TIME} {BOB}", f"@{TIME};msgid=1;account=bob {BOB}", f"@msgid=1;{TIME} {BOB}", f"{BOB} and  more"]
    assert all(map(scene.take, lines))
    assert scene.network.handles["#soju"].end == 7 + len(lines)


def test_what_needs_a_look_at_anything_else_is_left() -> None:
    scene = Scene()
    scene.network.welcomed = False
    assert not scene.take(BOB)
