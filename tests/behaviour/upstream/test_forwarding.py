"""Lines for the server: the rate limit (row LIM-01) and the bounded queue (row LIM-03)."""

from actors import Congested, Drained
from soju_actors.irc.message import Message
from soju_actors.messages.upstream import Forward
from soju_actors.messages.user import ForwardRefused
from soju_actors.policy.upstream import UpstreamSettings
from tests.behaviour.upstream.scene import Scene


def lines(count: int, first: int = 0) -> Forward:
    return Forward(tuple(Message("PRIVMSG", ("#soju", str(n))) for n in range(first, first + count)))


def numbers(heard: list[str]) -> list[int]:
    return [int(line.split(":")[-1]) for line in heard]


def test_a_burst_of_ten_then_one_in_two_seconds() -> None:
    """Row LIM-01."""
    scene = Scene().register()
    scene.tell(lines(13))
    assert numbers(scene.heard()) == list(range(10))
    scene.advance(1.9)
    assert scene.heard() == []
    scene.advance(0.2)
    assert numbers(scene.heard()) == [10]
    scene.advance(4.0)
    assert numbers(scene.heard()) == [11, 12]


def test_the_order_is_kept_when_lines_wait() -> None:
    scene = Scene().register()
    scene.tell(lines(12))
    scene.advance(2.0)
    scene.tell(lines(2, first=12))
    scene.advance(20.0)
    assert numbers(scene.heard()) == list(range(14))


def test_pong_does_not_wait_behind_lines() -> None:
    scene = Scene().register()
    scene.tell(lines(100))
    scene.heard()
    scene.hear("PING :irc.test")
    assert scene.heard() == ["PONG irc.test"]


def test_a_server_that_limits_by_itself_is_not_spared() -> None:
    """Row LIM-01: off while soju.im/SAFERATE is advertised."""
    scene = Scene().register()
    scene.tell(lines(20))
    assert len(scene.heard()) == 10
    scene.hear(":irc.test 005 alice NICKLEN=30 soju.im/SAFERATE :are supported by this server")
    assert len(scene.heard()) == 10
    scene.tell(lines(3000))
    assert len(scene.heard()) == 3000
    scene.hear(":irc.test 005 alice -soju.im/SAFERATE :are supported by this server")
    scene.tell(lines(20))
    scene.advance(20.0)
    assert len(scene.heard()) == 10


def test_the_queue_is_bounded_and_says_so() -> None:
    scene = Scene(settings=UpstreamSettings(queue=5)).register()
    scene.tell(lines(17))
    assert scene.told == [
        ForwardRefused(3, Message("PRIVMSG", ("#soju", str(n))), "5 messages are waiting to be sent already")
        for n in (15, 16)
    ]
    scene.advance(50.0)
    assert numbers(scene.heard()) == list(range(15))


def test_what_cannot_be_a_line_is_refused_and_the_rest_is_sent() -> None:
    scene = Scene().register()
    bad = Message("PRIVMSG", ("#soju", "hello\r\nQUIT"))
    forged = Message("PRIVMSG", ("#soju", "hi"), line="PRIVMSG #soju :hi\r\nQUIT")
    scene.tell(Forward((bad, forged, Message("PRIVMSG", ("#soju", "good")))))
    assert scene.heard() == ["PRIVMSG #soju :good"]
    assert [type(msg) for msg in scene.told] == [ForwardRefused, ForwardRefused]


def test_nothing_is_sent_before_the_welcome_or_after_the_end() -> None:
    scene = Scene().connect()
    scene.heard()
    scene.tell(lines(1))
    scene.hear(":irc.test 001 alice :Welcome")
    scene.close()
    scene.tell(lines(1))
    assert scene.heard() == []


def test_lines_that_waited_are_not_for_the_next_connection() -> None:
    scene = Scene().register()
    scene.tell(lines(20))
    scene.close()
    scene.advance(0.0)
    scene.register()
    scene.advance(30.0)
    assert scene.heard() == []


def test_while_the_server_does_not_read_lines_wait_in_the_queue() -> None:
    scene = Scene(settings=UpstreamSettings(queue=5)).register()
    scene.hear(":irc.test 005 alice soju.im/SAFERATE :are supported by this server")
    scene.told.clear()
    scene.tell(Congested(scene.link))
    scene.tell(lines(6))
    assert scene.heard() == []
    assert [type(msg) for msg in scene.told] == [ForwardRefused]
    scene.advance(30.0)
    scene.tell(Drained(scene.link))
    assert numbers(scene.heard()) == list(range(5))


def test_a_server_that_takes_utf8_alone_gets_nothing_else() -> None:
    """Of the bouncer's own words either. Spec: https://ircv3.net/specs/extensions/utf8-only."""
    scene = Scene().register()
    scene.hear(":irc.test 005 alice UTF8ONLY :are supported by this server")
    scene.tell(Forward((Message("JOIN", ("#caf\udce9",)),)))
    assert scene.heard() == ["JOIN #café"]
    scene.hear(":irc.test 005 alice -UTF8ONLY :are supported by this server")
    scene.tell(Forward((Message("JOIN", ("#caf\udce9",)),)))
    assert scene.heard() == ["JOIN #caf\udce9"]
