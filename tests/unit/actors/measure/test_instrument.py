"""A meter on the kernels of a cluster: each message counts once, where it is sent; nothing changes otherwise."""

import msgspec

from actors import Actor, ActorProtocol, ChildSpec, Ref, Turn, on
from actors.bases.inline import InlineCluster, InlineNode
from actors.measure import Meter
from actors.measure.instrument import TURNS, WEIGHT, Instrument


class ToEcho(ActorProtocol):
    __slots__ = ()


class Say(msgspec.Struct, ToEcho, frozen=True, tag="instrument.say"):
    """To be said on to another actor, so many times."""

    times: int
    to: Ref[ToEcho] | None = None


class Echo(Actor[ToEcho]):
    __slots__ = ()

    def __init__(self, args: object) -> None:
        del args

    @on(Say)
    def say(self, msg: Say, turn: Turn) -> None:
        for _ in range(msg.times if msg.to is not None else 0):
            assert msg.to is not None
            turn.send(msg.to, Say(0))


def cluster() -> tuple[InlineNode, InlineNode, InlineCluster]:
    """Two nodes, with actors x and y on the first and z on the second."""
    made = InlineCluster("ab", packages=(__name__,))
    a, b = made.nodes["a"], made.nodes["b"]
    for node, name in ((a, "x"), (a, "y"), (b, "z")):
        node.spawn(ChildSpec(name, f"{__name__}:Echo"))
    made.advance(1)
    return a, b, made


def edges_of(meter: Meter) -> dict[tuple[str, str], tuple[int, int]]:
    """So many messages, and so many of them to other nodes, for each pair of the test's actors."""
    rows = meter.take().edges
    return {(row.sender, row.receiver): (row.messages, row.remote) for row in rows if row.receiver in set("xyz")}


def test_a_message_counts_once_on_the_node_of_its_sender() -> None:
    a, b, made = cluster()
    meters = Meter(), Meter()
    for node, meter in zip((a, b), meters, strict=True):
        Instrument(node._kernel, meter)
    a.tell(Ref("x"), Say(3, Ref("y")))
    a.tell(Ref("x"), Say(5, Ref("z")))
    made.advance(1)
    assert edges_of(meters[0]) == {("", "x"): (2, 0), ("x", "y"): (3, 0), ("x", "z"): (5, 5)}
    assert edges_of(meters[1]) == {}


def test_turns_are_measured_now_and_then_and_count_for_the_others() -> None:
    a, _, made = cluster()
    meter = Meter()
    Instrument(a._kernel, meter)
    for _ in range(10 * sum(TURNS)):
        a.tell(Ref("x"), Say(0))
        made.advance(0.0)
    handled = next(row.messages for row in meter.take().actors if row.path == "x")
    assert handled == 10 * len(TURNS) * WEIGHT


def test_what_was_there_before_is_there_after_another_was_taken_off() -> None:
    a, _, made = cluster()
    first, second = Meter(), Meter()
    kernel = a._kernel
    outer = Instrument(kernel, first)
    inner = Instrument(kernel, second)
    a.tell(Ref("x"), Say(1, Ref("z")))
    made.advance(1)
    inner.take_off()
    a.tell(Ref("x"), Say(1, Ref("z")))
    made.advance(1)
    outer.take_off()
    a.tell(Ref("x"), Say(1, Ref("z")))
    made.advance(1)
    assert edges_of(first) == {("", "x"): (2, 0), ("x", "z"): (2, 2)}
    assert edges_of(second) == {("", "x"): (1, 0), ("x", "z"): (1, 1)}
    assert not vars(kernel).keys() & {"route", "run"}
