"""JOINs of many channels (row LIF-06)."""

from hypothesis import given
from hypothesis import strategies as st

from soju_actors.model.records import Channel, NetworkId
from soju_actors.user.joining import JOIN_BYTES, join_messages

names = st.text(st.characters(exclude_characters=" ,\0\r\n\x07", exclude_categories=["Cs"]), min_size=1, max_size=50)
channels = st.lists(
    st.builds(
        lambda name, key: Channel(NetworkId(1), f"#{name}", key),
        names,
        st.just("") | names.filter(lambda k: k[0] != ":"),
    ),
    max_size=60,
)


@given(channels)
def test_all_channels_are_joined_each_with_its_key_in_lines_that_fit(wanted: list[Channel]) -> None:
    joined: list[tuple[str, str]] = []
    for message in join_messages(wanted):
        assert message.command == "JOIN"
        assert len(str(message).encode()) + 2 <= max(512, JOIN_BYTES)
        split = [param.split(",") for param in message.params]
        keys = split[1] if len(split) > 1 else []
        joined += zip(split[0], [*keys, *[""] * (len(split[0]) - len(keys))], strict=True)
    assert sorted(joined) == sorted((channel.name, channel.key) for channel in wanted)


def test_those_with_keys_come_first() -> None:
    """Keys are given by position: what has none follows."""
    wanted = [Channel(NetworkId(1), "#a"), Channel(NetworkId(1), "#b", "k"), Channel(NetworkId(1), "#c", "l")]
    assert [str(message) for message in join_messages(wanted)] == ["JOIN #b,#c,#a k,l"]


def test_nothing_is_joined_by_no_line() -> None:
    assert list(join_messages([])) == []


def test_bytes_that_are_not_utf8_count_as_what_they_are() -> None:
    wanted = [Channel(NetworkId(1), "#" + "\udce9" * 100) for _ in range(9)]
    lines = [str(message).encode("utf-8", "surrogateescape") for message in join_messages(wanted)]
    assert [len(line) for line in lines] == [len("JOIN ") + 4 * 102 - 1, len("JOIN ") + 4 * 102 - 1, len("JOIN ") + 101]
