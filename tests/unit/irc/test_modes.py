import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.isupport import Isupport
from soju_actors.irc.membership import add_symbol, highest, remove_symbol, split_membership
from soju_actors.irc.modes import ChannelModes, ModeKind, change_user_modes, parse_modes

_SERVER = Isupport({"PREFIX": "(qaohv)~&@%+", "CHANMODES": "beI,k,lf,imnpst"})


@pytest.mark.parametrize(
    ("modes", "args", "changes"),
    [
        ("+o", ["bob"], [(True, "o", "bob", ModeKind.MEMBERSHIP)]),
        ("-k+l", ["*", "5"], [(False, "k", "*", ModeKind.ALWAYS), (True, "l", "5", ModeKind.WHEN_SET)]),
        ("-l", ["5"], [(False, "l", None, ModeKind.WHEN_SET)]),
        ("nt", [], [(True, "n", None, ModeKind.FLAG), (True, "t", None, ModeKind.FLAG)]),
        ("+b", [], [(True, "b", None, ModeKind.LIST)]),
        (
            "+bb-e",
            ["x", "y", "z"],
            [(True, "b", "x", ModeKind.LIST), (True, "b", "y", ModeKind.LIST), (False, "e", "z", ModeKind.LIST)],
        ),
        ("+kov", ["key"], [(True, "k", "key", ModeKind.ALWAYS)]),
        ("+Z", ["x"], [(True, "Z", None, ModeKind.FLAG)]),
        ("", ["x"], []),
        ("+-", [], []),
    ],
)
def test_modes_take_their_parameters(modes: str, args: list[str], changes: list[tuple[object, ...]]) -> None:
    parsed = parse_modes(_SERVER, modes, args)
    assert [(change.adding, change.mode, change.arg, change.kind) for change in parsed] == changes


@given(st.text("+-beklfimntoqvZ"), st.lists(st.sampled_from(["a", "5", "*!*@*"]), max_size=5))
def test_a_channel_told_its_modes_has_them(modes: str, args: list[str]) -> None:
    channel, copy = ChannelModes(), ChannelModes()
    for change in parse_modes(_SERVER, modes, args):
        channel.apply(change)
    told, *told_args = channel.format()
    for change in parse_modes(_SERVER, told, told_args):
        copy.apply(change)
    assert copy.format() == channel.format()
    assert not set(told) & set("beqov")
    assert all(mode in channel for mode in told[1:])


def test_channel_modes_are_set_and_unset() -> None:
    channel = ChannelModes()
    for change in parse_modes(_SERVER, "+ntkl-n+b", ["key", "10", "*!*@x"]):
        channel.apply(change)
    assert channel.format() == ("+tkl", "key", "10")
    assert channel.get("k") == "key"
    assert channel.get("n") is None
    for change in parse_modes(_SERVER, "-klt-i", ["key"]):
        channel.apply(change)
    assert channel.format() == ("+",)


@pytest.mark.parametrize(
    ("modes", "changes", "after"), [("", "+iw", "iw"), ("iw", "-i+x", "wx"), ("+i", "s-i", "s"), ("i", "-Q", "i")]
)
def test_user_modes_change(modes: str, changes: str, after: str) -> None:
    assert change_user_modes(modes, changes) == after


@pytest.mark.parametrize(
    ("entry", "split"),
    [
        ("@+alice", ("@+", "alice")),
        ("alice", ("", "alice")),
        ("+alice!~a@host", ("+", "alice!~a@host")),
        ("", ("", "")),
        ("[x]", ("", "[x]")),
    ],
)
def test_an_entry_of_names_is_split(entry: str, split: tuple[str, str]) -> None:
    assert split_membership(entry, "@+") == split


def test_without_ranks_a_name_is_a_name() -> None:
    assert split_membership("@alice", "") == ("", "@alice")


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("~&@%+"))))
def test_symbols_are_kept_by_rank(steps: list[tuple[bool, str]]) -> None:
    held = ""
    model: set[str] = set()
    for adding, symbol in steps:
        held = (add_symbol if adding else remove_symbol)(held, symbol, _SERVER)
        (model.add if adding else model.discard)(symbol)
        assert held == "".join(symbol for symbol in "~&@%+" if symbol in model)
        assert highest(held) == held[:1]
