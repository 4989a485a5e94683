import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.errors import ReplyError
from soju_actors.irc.isupport import Isupport
from soju_actors.irc.masks import mask_matches
from soju_actors.irc.message import Message, parse_message
from soju_actors.irc.names import check_channel, valid_nick, valid_target, valid_username
from soju_actors.irc.replies import reply_to
from soju_actors.irc.source import Source, parse_source


@pytest.mark.parametrize("nick", ["alice", "[x]`_", "9lives", "żółw", "a/b", "/etc/passwd", "a~", "a#", "a" * 200])
def test_a_nick(nick: str) -> None:
    assert valid_nick(nick)


@pytest.mark.parametrize(
    "nick",
    ["", *(f"a{character}" for character in " :@!*?$,.\0\r\n\x07\x7f"), "#a", "&a", "+a", "%a", "~a", "-a", "a" * 201],
    ids=repr,
)
def test_what_cannot_be_a_nick(nick: str) -> None:
    """Row CMD-05."""
    assert not valid_nick(nick)


@pytest.mark.parametrize("name", ["#c++?", "alice", "[x]`_", "&local", "#*!@", "żółw", "#" * 200])
def test_a_target(name: str) -> None:
    assert valid_target(name)


@pytest.mark.parametrize(
    "name", ["", "*", "$*", ":a", "a" * 201, *(f"#a{character}b" for character in " ,\0\r\n\x07")], ids=repr
)
def test_what_cannot_be_a_target(name: str) -> None:
    assert not valid_target(name)


@given(st.text(), st.text(), st.text(st.characters(exclude_characters="\0\r\n @"), min_size=1))
def test_valid_names_make_a_source_that_is_split_again(nick: str, user: str, host: str) -> None:
    source = Source(nick, user, host)
    if valid_nick(nick) and valid_username(user):
        assert parse_source(str(source)) == source
        assert parse_message(str(Message("QUIT", (), str(source)))).source == str(source)


@pytest.mark.parametrize(
    ("name", "valid"), [("~alice", True), ("a.b", True), ("", False), ("a@b", False), ("a!b", False)]
)
def test_a_username(name: str, valid: bool) -> None:
    assert valid_username(name) is valid


@pytest.mark.parametrize("name", ["#a", "#", "&a", "##żółw", "#../../etc", "#:)", "#" + "x" * 199])
def test_a_channel(name: str) -> None:
    check_channel(name, Isupport())


@given(st.text())
def test_a_channel_that_passes_can_be_any_parameter(name: str) -> None:
    try:
        check_channel(name, Isupport())
    except ReplyError:
        return
    assert parse_message(str(Message("JOIN", (name, "key")))).params == (name, "key")
    assert "," not in name


@given(st.text(st.characters(exclude_characters="\0\r\n")))
def test_a_refusal_of_a_channel_can_be_sent(name: str) -> None:
    for spelled in (name, f"#{name}"):
        with pytest.raises(ReplyError) as raised:
            check_channel(spelled + ",", Isupport())
        assert str(reply_to(raised.value, "irc.test", "alice"))


@pytest.mark.parametrize(
    ("name", "numeric"),
    [("a", "403"), ("", "403"), ("#a b", "476"), ("#a,b", "476"), ("#\x07", "476"), ("#" + "x" * 200, "476")],
)
def test_what_is_no_channel_is_refused(name: str, numeric: str) -> None:
    """Row CMD-07."""
    with pytest.raises(ReplyError) as raised:
        check_channel(name, Isupport())
    assert raised.value.numeric == numeric


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_a_mask_matches_as_its_definition_says(mask: str, text: str) -> None:
    def matches(mask: str, text: str) -> bool:
        if not mask:
            return not text
        if mask[0] == "*":
            return matches(mask[1:], text) or (text != "" and matches(mask, text[1:]))
        return text != "" and mask[0] in ("?", text[0]) and matches(mask[1:], text[1:])

    assert mask_matches(mask, text) is matches(mask, text)


def test_a_hostile_mask_takes_no_time() -> None:
    assert not mask_matches("*a" * 200 + "b", "a" * 2000)
