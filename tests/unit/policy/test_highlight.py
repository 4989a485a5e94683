"""Highlights (row MSC-01), and what follows from them (rows DET-03 to DET-06)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.casemap import Casemapping
from soju_actors.model.records import Channel, Filter, NetworkId
from soju_actors.policy.following import Reaction, keeps_attached, reaction_to
from soju_actors.policy.highlight import is_highlight

RFC1459 = Casemapping.RFC1459


@pytest.mark.parametrize(
    "text",
    [
        "alice",
        "alice: hi",
        "hi, Alice!",
        "ALICE",
        "(alice)",
        "alice's",
        "@alice",
        "malice and alice",
        "https://example.org/alice alice",
        "see (https://example.org) alice",
        "\x01ACTION pokes alice\x01",
        "\x0304alice\x03",
        "a\x02 alice\x02",
        "alice\udce9",
    ],
)
def test_a_nick_between_words_is_a_highlight(text: str) -> None:
    assert is_highlight(text, "alice", RFC1459)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hi",
        "malice",
        "alices",
        "alice2",
        "alice_",
        "alice-away",
        "|alice|",
        "Éalice",
        "https://example.org/alice",
        "https://example.org/?q=alice&x",
        "irc://alice/#soju",
        "\x01VERSION alice\x01",
    ],
)
def test_a_part_of_a_word_or_of_a_url_is_none(text: str) -> None:
    assert not is_highlight(text, "alice", RFC1459)


@pytest.mark.parametrize(
    ("casemapping", "same"), [(RFC1459, True), (Casemapping.RFC1459_STRICT, True), (Casemapping.ASCII, False)]
)
def test_nicks_are_compared_as_the_network_does_it(casemapping: Casemapping, *, same: bool) -> None:
    """Row TOD-09, better than soju."""
    assert is_highlight("hi A{1}!", "a[1]", casemapping) is same
    assert is_highlight("a[1]", "a[1]", casemapping)


def test_nobody_is_no_highlight() -> None:
    assert not is_highlight("hi", "", RFC1459)


words = st.text("ab[{|\\ .:/é", max_size=6)


@given(words, words, st.sampled_from(["a", "a[", "ab"]), st.sampled_from(Casemapping))
def test_a_nick_with_spaces_around_it_is_found_wherever_it_stands(
    before: str, after: str, nick: str, casemapping: Casemapping
) -> None:
    assert is_highlight(f"{before} {nick} {after}", nick, casemapping)
    assert not is_highlight(f"x{nick}{after}", f"{nick}zz", casemapping)


def reaction(*, relay: Filter, reattach: Filter, highlight: bool) -> Reaction:
    channel = Channel(NetworkId(1), "#soju", detached=True, relay_detached=relay, reattach_on=reattach)
    return reaction_to(channel, lambda: highlight)


@pytest.mark.parametrize(
    ("relay", "reattach", "of_highlight", "of_message"),
    [
        (Filter.DEFAULT, Filter.DEFAULT, Reaction.RELAY, Reaction.NOTHING),
        (Filter.HIGHLIGHT, Filter.NONE, Reaction.RELAY, Reaction.NOTHING),
        (Filter.MESSAGE, Filter.NONE, Reaction.RELAY, Reaction.RELAY),
        (Filter.NONE, Filter.NONE, Reaction.NOTHING, Reaction.NOTHING),
        (Filter.MESSAGE, Filter.HIGHLIGHT, Reaction.ATTACH, Reaction.RELAY),
        (Filter.NONE, Filter.MESSAGE, Reaction.ATTACH, Reaction.ATTACH),
    ],
)
def test_a_message_in_a_detached_channel_attaches_it_or_is_relayed(
    relay: Filter, reattach: Filter, of_highlight: Reaction, of_message: Reaction
) -> None:
    """Rows DET-03, DET-04."""
    assert reaction(relay=relay, reattach=reattach, highlight=True) is of_highlight
    assert reaction(relay=relay, reattach=reattach, highlight=False) is of_message


@pytest.mark.parametrize(
    ("rule", "of_highlight", "of_message"),
    [
        (Filter.DEFAULT, True, True),
        (Filter.MESSAGE, True, True),
        (Filter.HIGHLIGHT, True, False),
        (Filter.NONE, False, False),
    ],
)
def test_what_keeps_a_channel_attached(rule: Filter, *, of_highlight: bool, of_message: bool) -> None:
    """Row DET-06."""
    channel = Channel(NetworkId(1), "#soju", detach_on=rule)
    assert keeps_attached(channel, lambda: True) is of_highlight
    assert keeps_attached(channel, lambda: False) is of_message
