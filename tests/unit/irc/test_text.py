"""What is within parameters: CTCP, formatting, lists, MONITOR, WHO, attributes of networks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.bouncer_networks import READABLE, format_attributes, parse_attributes
from soju_actors.irc.ctcp import Ctcp, parse_ctcp, plain_text
from soju_actors.irc.errors import ReplyError
from soju_actors.irc.formatting import strip_formatting
from soju_actors.irc.lists import packed
from soju_actors.irc.message import Message, parse_message
from soju_actors.irc.monitor import (
    MonitorRequest,
    monitor_commands,
    monitor_full,
    monitor_replies,
    monitored,
    parse_monitor,
)
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.whox import FIELDS, WhoQuery, format_who, parse_who, parse_whox_params, whox_params

from . import strategies


@pytest.mark.parametrize(
    ("text", "ctcp", "plain"),
    [
        ("\x01ACTION waves\x01", Ctcp("ACTION", "waves"), "waves"),
        ("\x01action waves", Ctcp("ACTION", "waves"), "waves"),
        ("\x01VERSION\x01", Ctcp("VERSION"), ""),
        ("\x01PING 1 2\x01", Ctcp("PING", "1 2"), ""),
        ("\x01\x01", None, "\x01\x01"),
        ("\x01", None, "\x01"),
        ("hi", None, "hi"),
        ("", None, ""),
    ],
)
def test_requests_in_a_text(text: str, ctcp: Ctcp | None, plain: str) -> None:
    assert parse_ctcp(text) == ctcp
    assert plain_text(text) == plain
    assert ctcp is None or parse_ctcp(str(ctcp)) == ctcp


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x02bold\x02 \x1ditalic\x0f", "bold italic"),
        ("\x0304,12red\x03 \x033green \x0312,3x", "red green x"),
        ("\x03,5x \x031234", ",5x 34"),
        ("\x04ff0000red\x04 \x0400FF00,123456x \x04fff", "red x fff"),
        ("\x11mono\x16rev\x1estrike\x1funder", "monorevstrikeunder"),
    ],
)
def test_formatting_is_stripped(text: str, plain: str) -> None:
    assert strip_formatting(text) == plain


@given(st.text("\x02\x03\x0412,afx "))
def test_nothing_of_the_codes_stays(text: str) -> None:
    assert not set(strip_formatting(text)) & set("\x02\x03\x04")


@given(st.lists(strategies.words), st.integers(1, 30), st.one_of(st.none(), st.integers(1, 4)))
def test_words_are_packed_in_order(words: list[str], limit: int, per_line: int | None) -> None:
    lines = packed(words, limit, per_line=per_line)
    split = [line.split(" ") for line in lines]
    assert [word for line in split for word in line] == words
    assert all(len(line) <= (per_line or len(words)) for line in split)
    sizes = [len(line.encode("utf-8", "surrogateescape")) for line in lines]
    assert all(size <= limit or len(line) == 1 for size, line in zip(sizes, split, strict=True))


def test_lines_are_filled() -> None:
    assert packed(["aa", "bb", "cc", "dddddd", "e"], 5) == ["aa bb", "cc", "dddddd", "e"]
    assert packed(["a", "b", "c"], 5, separator=",") == ["a,b,c"]


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("MONITOR + a,b,,c", MonitorRequest("+", ("a", "b", "c"))),
        ("MONITOR - a", MonitorRequest("-", ("a",))),
        ("MONITOR c", MonitorRequest("C")),
        ("MONITOR L", MonitorRequest("L")),
        ("MONITOR S", MonitorRequest("S")),
        ("MONITOR", None),
        ("MONITOR +", None),
        ("MONITOR X a", None),
    ],
)
def test_what_monitor_asks(line: str, request_: MonitorRequest | None) -> None:
    params = parse_message(line).params
    if request_ is not None:
        assert parse_monitor(params) == request_
        return
    with pytest.raises(ReplyError, match="ERR_NEEDMOREPARAMS MONITOR"):
        parse_monitor(params)


@given(st.lists(strategies.nicks.filter(lambda nick: nick[0] != ":"), max_size=200))
def test_monitor_lines_fit_and_hold_all(nicks: list[str]) -> None:
    commands = monitor_commands("+", nicks)
    assert [nick for message in commands for nick in parse_monitor(message.params).targets] == nicks
    replies = monitor_replies(Numeric.RPL_MONONLINE, "irc.test", "alice", [f"{nick}!u@h" for nick in nicks])
    assert [nick for message in replies for nick in monitored(message.params)] == nicks
    full = monitor_full("irc.test", "alice", "100", nicks)
    assert [nick for message in full for nick in message.params[2].split(",")] == nicks
    for messages in (commands, replies, full):
        sizes = [len(str(message).encode(errors="surrogateescape")) for message in messages]
        assert all(size <= 510 for size in sizes)
        firsts = [message.params[1 + (messages is full)].partition(",")[0] for message in messages]
        for size, follower in zip(sizes, firsts[1:], strict=False):
            assert size + 1 + len(follower.encode(errors="surrogateescape")) > 510, "the line was not full"
    assert monitored(("alice",)) == []


def test_a_server_may_limit_the_nicks_of_a_line() -> None:
    assert [str(line) for line in monitor_commands("-", ["a", "b", "c"], per_line=2)] == [
        "MONITOR - a,b",
        "MONITOR - c",
    ]


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("WHO", WhoQuery("")),
        ("WHO #a", WhoQuery("#a")),
        ("WHO #a o", WhoQuery("#a", "o")),
        ("WHO #a %nuht,42", WhoQuery("#a", "", "tuhn", "42")),
        ("WHO #a o%an", WhoQuery("#a", "o", "na")),
        ("WHO #a %tn,1234", WhoQuery("#a", "", "tn")),
        ("WHO #a %tn,x", WhoQuery("#a", "", "tn")),
        ("WHO #a %", WhoQuery("#a")),
    ],
)
def test_what_who_asks(line: str, query: WhoQuery) -> None:
    """Spec: https://ircv3.net/specs/extensions/whox."""
    parsed = parse_who(parse_message(line).params)
    assert parsed == query
    assert parse_who(format_who(query)) == query


_queries = st.builds(
    lambda fields, token: WhoQuery("#a", "", "".join(f for f in FIELDS if f in fields), token if "t" in fields else ""),
    st.sets(st.sampled_from(FIELDS), min_size=1),
    st.integers(0, 999).map(str),
)


@given(_queries, st.fixed_dictionaries(dict.fromkeys(FIELDS.removeprefix("t"), strategies.words)))
def test_fields_are_told_and_understood(query: WhoQuery, known: dict[str, str]) -> None:
    reply = parse_message(str(Message(Numeric.RPL_WHOSPCRPL, ("alice", *whox_params(query, known)))))
    told = parse_whox_params(query, reply.params[1:])
    assert told == {field: known.get(field, query.token) for field in query.fields}


def test_unknown_fields_have_their_constants() -> None:
    """Row CCH-03."""
    query = parse_who(("#a", f"%{FIELDS},7"))
    *told, realname = whox_params(query, {"n": "bob", "a": ""})
    assert " ".join(told) == "7 * * 255.255.255.255 * * bob * 0 0 0 0"
    assert realname == ""


def test_answers_to_other_queries_are_told_apart() -> None:
    query = parse_who(("#a", "%tn,7"))
    assert parse_whox_params(query, ("7", "bob")) == {"t": "7", "n": "bob"}
    assert parse_whox_params(query, ("8", "bob")) is None
    assert parse_whox_params(query, ("7", "bob", "x")) is None


@given(st.dictionaries(st.sampled_from(READABLE), strategies.tag_values))
def test_attributes_are_written_and_read(attributes: dict[str, str]) -> None:
    line = str(Message("BOUNCER", ("NETWORK", "1", format_attributes(attributes))))
    assert parse_attributes(parse_message(line).params[2]) == attributes


def test_an_attribute_may_have_no_value() -> None:
    assert parse_attributes(r"name=A\sB;pass;;host=x=y") == {"name": "A B", "pass": "", "host": "x=y"}
