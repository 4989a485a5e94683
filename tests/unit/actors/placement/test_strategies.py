"""What the strategies choose."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.placement import (
    BUILT_IN,
    NEVER,
    Group,
    Load,
    Measure,
    Node,
    Peer,
    Request,
    Side,
    Spec,
    Strategy,
    View,
    explain,
)
from tests.support.views import questions, seeded, without

each_strategy = pytest.mark.parametrize("strategy", BUILT_IN.values(), ids=list(BUILT_IN))


def node(name: str, share: float = 0.0, zone: str = "", age: float = 0.0, busy: float = 0.0) -> Node:
    return Node(name, zone=zone, load=Load(weight=Measure(share * 1000, age), busy=Measure(busy, age)))


def chosen(strategy: str, spec: Spec, view: View, origin: str = "", *, number: int = 0, seed: int = 0) -> str:
    return explain(BUILT_IN[strategy], Request(spec, origin, number), view, seeded(seed)).node


@each_strategy
@given(question=questions, seed=st.integers(0, 1000))
def test_the_node_is_one_that_no_filter_refuses(strategy: Strategy, question: tuple[Request, View], seed: int) -> None:
    request, view = question
    before = msgspec.json.encode(question)
    explanation = explain(strategy, request, view, seeded(seed))
    assert explanation.why
    assert explanation.node in (explanation.candidates or ("",))
    assert set(explanation.scores) <= set(explanation.candidates)
    assert explanation == explain(strategy, request, view, seeded(seed))
    assert msgspec.json.encode(question) == before


KNOWN = Load(weight=Measure(0.0))

CROWD = View(
    (node("a", 0.5, "eu/de"), node("b", 0.2, "eu/fr"), node("c", 0.7, "us"), node("d", 0.0, "us", age=600)),
    (Group(Spec("u1", "app:User"), "b"), Group(Spec("u2", "app:User"), "c"), Group(Spec("u3", "app:User"), "d")),
    answers={"user/x": "c", "group/y": "b", "user/z": "nowhere"},
)
CASES = [
    ("local", Spec("n"), "c", "c"),
    ("local", Spec("n", zones=("eu",)), "a", "a"),
    ("local", Spec("n", zones=("eu/fr", "us")), "a", "b"),
    ("least-loaded", Spec("n"), "", "b"),
    ("least-loaded", Spec("n", zones=("us",)), "", "d"),
    ("pack", Spec("n"), "", "c"),
    ("pack", Spec("n", weight=300.0), "", "c"),
    ("pack", Spec("n", weight=310.0), "", "a"),
    ("pack", Spec("n", weight=900.0), "", "b"),
    ("spread", Spec("n", "app:User"), "", "a"),
    ("spread", Spec("n", "app:Other"), "", "b"),
    ("external", Spec("user/x"), "", "c"),
    ("external", Spec("user/w", group="group/y"), "", "b"),
    ("zone-aware", Spec("n", peers=(Peer(Side.CLIENT, "c", weight=2.0), Peer(Side.SERVER, "a"))), "", "c"),
    ("zone-aware", Spec("n", peers=(Peer(Side.CLIENT, zone="eu"), Peer(Side.SERVER, zone="us"))), "", "d"),
    ("near-client", Spec("n", peers=(Peer(Side.CLIENT, "a"), Peer(Side.SERVER, "c", weight=9.0))), "", "a"),
    ("near-server", Spec("n", peers=(Peer(Side.CLIENT, "a", weight=9.0), Peer(Side.SERVER, zone="eu/fr"))), "", "b"),
    ("near-server", Spec("n"), "", "b"),
    ("exchange", Spec("n", peers=(Peer(Side.CLIENT, "c"), Peer(Side.CLIENT, "b", weight=0.5))), "", "b"),
]


@pytest.mark.parametrize(("strategy", "spec", "origin", "expected"), CASES)
def test_in_a_crowd(strategy: str, spec: Spec, origin: str, expected: str) -> None:
    assert chosen(strategy, spec, CROWD, origin) == expected


def test_external_says_what_is_wrong_with_an_answer() -> None:
    explanation = explain(BUILT_IN["external"], Request(Spec("user/z")), CROWD, seeded(0))
    assert explanation.why.startswith("the node named for it, nowhere, does not do; its hash")
    assert explanation.node == chosen("rendezvous", Spec("user/z"), CROWD)


def test_external_says_how_old_an_answer_is() -> None:
    view = msgspec.structs.replace(CROWD, ages={"user/x": 12.4})
    assert explain(BUILT_IN["external"], Request(Spec("user/x")), view, seeded(0)).why == "it was named for it 12 s ago"
    assert (
        explain(BUILT_IN["external"], Request(Spec("u", group="group/y")), view, seeded(0)).why == "it is named for it"
    )


def test_round_robin_goes_round() -> None:
    view = View((node("c"), node("a"), node("b")))
    assert [chosen("round-robin", Spec("n"), view, number=number) for number in range(5)] == list("abcab")


def test_random_comes_everywhere() -> None:
    counts = Counter(chosen("random", Spec("n"), CROWD, seed=seed) for seed in range(400))
    assert set(counts) == set("abcd")
    assert min(counts.values()) > 60


def test_equal_nodes_are_chosen_by_chance_and_not_by_name() -> None:
    view = View((node("a"), node("b"), node("c")))
    assert {chosen("least-loaded", Spec("n"), view, seed=seed) for seed in range(50)} == set("abc")


def test_what_is_busy_is_loaded_though_little_runs_there() -> None:
    view = View((node("a", 0.1, busy=0.9), node("b", 0.5)))
    assert chosen("least-loaded", Spec("n"), view) == "b"


def test_old_news_of_being_busy_is_forgotten() -> None:
    view = View((node("a", 0.1, busy=0.9, age=60), node("b", 0.5)))
    assert view.pressures["a"] == 0.5, "taken for the average"


def test_nobody_runs_to_a_node_that_has_said_nothing() -> None:
    view = View((node("a", 0.2), node("b", 0.4), node("new", 0.0, age=NEVER)))
    assert chosen("least-loaded", Spec("n"), view) == "a"


def test_power_of_two_is_nearly_balanced_where_random_is_not() -> None:
    """Mitzenmacher 2001: the largest excess over the mean is of the order log log n, not log n / log log n."""

    def most(strategy: str) -> float:
        view = View(tuple(node(f"n{number:02}") for number in range(30)))
        for number in range(300):
            view = view.placed(Spec(f"u{number}"), chosen(strategy, Spec(f"u{number}"), view, seed=number))
        return max(node.weight for node in view.nodes)

    assert most("power-of-two") <= 10 + 3
    assert most("random") >= 10 + 5
    assert most("least-loaded") == 10


@given(st.integers(2, 6), st.integers(0, 10**6), st.data())
def test_rendezvous_moves_only_what_ran_on_the_node_that_leaves(count: int, salt: int, data: st.DataObject) -> None:
    view = View(tuple(Node(name, capacity=100.0 * (1 + index % 2)) for index, name in enumerate("abcdef"[:count])))
    specs = [Spec(f"user/{salt}/{number}") for number in range(40)]
    before = {spec.path: chosen("rendezvous", spec, view) for spec in specs}
    lost = data.draw(st.sampled_from([node.name for node in view.nodes]))
    after = {spec.path: chosen("rendezvous", spec, without(view, lost)) for spec in specs}
    assert all(after[path] == place or place == lost for path, place in before.items())


sizes = st.lists(st.integers(1, 20), min_size=1, max_size=5)


@given(sizes=sizes, count=st.integers(0, 60), told=st.booleans())
def test_pack_fills_a_node_before_it_begins_another(sizes: list[int], count: int, told: bool) -> None:
    view = View(tuple(Node(f"n{i}", capacity=float(size), load=KNOWN) for i, size in enumerate(sizes)))
    for number in range(min(count, sum(sizes))):
        view = settled(view, Spec(f"u{number}"), "pack", number, told=told)
        begun = [node for node in view.nodes if 0 < node.weight < node.capacity]
        assert len(begun) <= 1
        assert all(node.weight <= node.capacity for node in view.nodes)


def test_pack_begins_another_node_where_one_is_busy() -> None:
    view = View((node("a", 0.5, busy=0.9), node("b", 0.2), node("c", 0.1)))
    assert chosen("pack", Spec("n"), view) == "b"
    assert "least full" in explain(BUILT_IN["pack"], Request(Spec("n", weight=2000.0)), view, seeded(0)).why


@given(zones=st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=6), told=st.booleans())
def test_spread_evens_zones_and_the_nodes_of_each(zones: list[str], told: bool) -> None:
    view = View(tuple(Node(f"n{i}", zone=zone, load=KNOWN) for i, zone in enumerate(zones)))
    for number in range(20):
        view = settled(view, Spec(f"u{number}", "app:User"), "spread", number, told=told)
        nodes = {zone: [node.weight for node in view.nodes if node.zone == zone] for zone in zones}
        totals = [sum(weights) for weights in nodes.values()]
        assert max(totals) - min(totals) <= 1
        assert all(max(weights) - min(weights) <= 1 for weights in nodes.values())


def settled(view: View, spec: Spec, strategy: str, seed: int, *, told: bool) -> View:
    """The view with one more; what runs is in it only if that is told."""
    after = view.placed(spec, chosen(strategy, spec, view, seed=seed))
    return after if told else msgspec.structs.replace(after, groups=())


def test_rendezvous_gives_each_node_its_share_of_the_capacity() -> None:
    view = View((Node("a", capacity=100.0), Node("b", capacity=300.0)))
    counts = Counter(chosen("rendezvous", Spec(f"u{number}"), view) for number in range(2000))
    assert 0.22 < counts["a"] / 2000 < 0.28


def test_rendezvous_brings_a_group_together() -> None:
    view = View(tuple(map(Node, "abcdef")))
    assert len({chosen("rendezvous", Spec(f"user/x/{number}", group="user/x"), view) for number in range(20)}) == 1


def test_rendezvous_chooses_the_same_in_each_process() -> None:
    view = View(tuple(map(Node, "abcdef")))
    assert "".join(chosen("rendezvous", Spec(f"u{number}"), view) for number in range(12)) == "dbbfedebfdcd"
