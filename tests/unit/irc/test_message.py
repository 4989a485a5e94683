import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.errors import ParseError
from soju_actors.irc.message import (
    Message,
    command_of,
    escape_tag_value,
    format_tags,
    parse_message,
    tag_in,
    unescape_tag_value,
)

from . import strategies


@given(strategies.messages)
def test_what_is_formatted_is_parsed_back(message: Message) -> None:
    assert parse_message(str(message)) == message


@given(st.binary(max_size=80))
def test_bytes_pass_through_unharmed(data: bytes) -> None:
    line = data.decode("utf-8", "surrogateescape")
    try:
        message = parse_message(line)
    except ParseError:
        return
    assert str(message).encode("utf-8", "surrogateescape") == data


_anything = st.text(max_size=12)


@given(_anything, st.lists(_anything, max_size=4), _anything, _anything)
def test_no_part_can_begin_another_line_or_parameter(command: str, params: list[str], source: str, tags: str) -> None:
    message = Message(command, tuple(params), source, tags)
    try:
        line = str(message)
    except ValueError:
        return
    assert not set(line) & set("\0\r\n")
    assert parse_message(line) == message.replaced(command=command.upper())


@given(strategies.messages, strategies.tag_maps)
def test_other_tags_leave_the_rest_of_the_line(message: Message, tags: dict[str, str]) -> None:
    received = parse_message(str(message))
    changed = received.with_tags(tags)
    assert changed.tag_map() == tags
    assert str(changed).endswith(str(message.without_tags()))
    assert parse_message(str(changed)) == changed == message.with_tags(tags)
    assert received.without_tags() == message.without_tags()


@given(strategies.messages, st.text("abc-/+.", min_size=1, max_size=5))
def test_one_tag_is_that_of_the_map(message: Message, name: str) -> None:
    assert message.tag(name) == message.tag_map().get(name)


@given(
    st.lists(st.sampled_from(["time=1", "time=2\\s", "time", "time=", "atime=3", "x=time", "timely=4"])).map(";".join)
)
def test_of_a_tag_that_is_there_twice_the_last_one_counts(tags: str) -> None:
    assert tag_in(tags, "time") == Message("PING", tags=tags).tag_map().get("time")


_starts = st.lists(
    st.sampled_from(["@a=b", ":src", ":", "@", "PING", "ping", "005", "Ping:", "X-OWN", "", " "]), max_size=5
)


@given(st.one_of(strategies.messages.map(str), _starts.map(" ".join)))
def test_the_command_of_a_line_is_that_of_its_message(line: str) -> None:
    try:
        command = parse_message(line).command
    except ParseError:
        with pytest.raises(ParseError):
            command_of(line)
    else:
        assert command_of(line) == command


@given(strategies.tag_values)
def test_tag_values_are_escaped_and_back(value: str) -> None:
    escaped = escape_tag_value(value)
    assert not set(escaped) & set("; \r\n")
    assert unescape_tag_value(escaped) == value


@pytest.mark.parametrize("line", ["", " ", ":", ":src", ":src ", "@tag", "@a=b :src", ":a :b", ":a @b"], ids=repr)
def test_a_line_without_a_command_is_refused(line: str) -> None:
    with pytest.raises(ParseError, match="no command"):
        parse_message(line)


@pytest.mark.parametrize("character", "\0\r\n")
def test_nul_and_line_ends_are_refused(character: str) -> None:
    with pytest.raises(ParseError):
        parse_message(f"PRIVMSG #a :one{character}QUIT")


@pytest.mark.parametrize(
    "message",
    [
        Message("PRIVMSG", ("#a b", "text")),
        Message("PRIVMSG", ("", "text")),
        Message("PRIVMSG", (":a", "text")),
        Message("PRIVMSG", ("#a", "hi\nQUIT")),
        Message("PRIVMSG", ("#a", "hi\rQUIT")),
        Message("PRIVMSG", ("#a", "hi\0")),
        Message("PRIVMSG", ("#a", "hi"), "alice QUIT"),
        Message("PRIVMSG", ("#a", "hi"), "", "a=b c"),
        Message("QUIT\n"),
        Message("QUIT now"),
        Message(":QUIT"),
        Message("@QUIT"),
        Message(""),
    ],
    ids=repr,
)
def test_what_no_line_can_say_is_not_said(message: Message) -> None:
    with pytest.raises(ValueError, match=r"cannot be sent|last parameter"):
        str(message)


@pytest.mark.parametrize("tags", [{"a b": "c"}, {"": "c"}, {"a;b": "c"}, {"a=b": "c"}, {"a": "\0"}], ids=repr)
def test_tags_that_cannot_be_said_are_refused(tags: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        format_tags(tags)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Message("PRIVMSG", ("#a", "hi")), "PRIVMSG #a :hi"),
        (Message("JOIN", ("#a",)), "JOIN #a"),
        (Message("MODE", ("#a", "+o", "bob"), "alice"), ":alice MODE #a +o bob"),
        (Message("PART", ("#a",)), "PART #a"),
        (Message("PART", ("#a", "bye")), "PART #a :bye"),
        (Message("CAP", ("REQ", "sasl")), "CAP REQ sasl"),
        (Message("CAP", ("*", "ACK", "sasl"), "server"), ":server CAP * ACK :sasl"),
    ],
)
def test_a_text_gets_a_colon_even_if_it_is_one_word(message: Message, line: str) -> None:
    assert str(message) == line


def test_the_command_is_in_upper_case_and_the_line_stays() -> None:
    message = parse_message(":a privmsg  #b   x ")
    assert (message.command, message.params) == ("PRIVMSG", ("#b", "x"))
    assert str(message) == ":a privmsg  #b   x "


@pytest.mark.parametrize("tags", ["a=b c", "a\n", "a\r", "a\0"], ids=repr)
def test_raw_tags_that_cannot_be_said_are_refused(tags: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        parse_message("PRIVMSG #a :hi").with_tags(tags)


def test_several_spaces_are_one() -> None:
    message = parse_message("@a=b   :src   PRIVMSG  #a   :two  spaces")
    assert message == Message("PRIVMSG", ("#a", "two  spaces"), "src", "a=b")
    assert str(message.without_tags()) == ":src   PRIVMSG  #a   :two  spaces"


def test_messages_that_say_the_same_are_equal() -> None:
    spelled = {parse_message("privmsg  #a x"), parse_message("PRIVMSG #a :x"), Message("PRIVMSG", ("#a", "x"))}
    assert len(spelled) == 1
    assert Message("PING") != "PING"


def test_a_replaced_field_is_in_the_line() -> None:
    assert str(parse_message(":a PRIVMSG #b :hi there").replaced(source="c")) == ":c PRIVMSG #b :hi there"


def test_a_tag_without_a_value_is_empty() -> None:
    message = parse_message("@a;b=;c=1;a=2;c TAGMSG x")
    assert [message.tag(name) for name in "abcd"] == ["2", "", "", None]
