from itertools import combinations

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from soju_actors.irc.cap_table import COMMAND_NEEDS, TAG_NEEDS
from soju_actors.irc.errors import ParseError
from soju_actors.irc.filtering import View
from soju_actors.irc.message import Message, parse_message

from . import strategies

_CAPS = sorted({*COMMAND_NEEDS.values(), *TAG_NEEDS.values(), "extended-join", "multi-prefix", "userhost-in-names"})
_caps = st.frozensets(st.sampled_from(_CAPS))
_EVERYTHING = frozenset(_CAPS)


@pytest.mark.parametrize(
    ("caps", "line", "seen"),
    [
        ("", "@time=1;msgid=2 :a PRIVMSG #b :hi", ":a PRIVMSG #b :hi"),
        ("server-time", "@time=1;msgid=2 :a PRIVMSG #b :hi", "@time=1 :a PRIVMSG #b :hi"),
        ("server-time account-tag", "@msgid=2;account=x;time=1 PING", "@account=x;time=1 PING"),
        ("message-tags", "@time=1;msgid=2;+x :a PRIVMSG #b :hi", "@time=1;msgid=2;+x :a PRIVMSG #b :hi"),
        ("message-tags", "@time=1;batch=2 :a PRIVMSG #b :hi", "@time=1 :a PRIVMSG #b :hi"),
        ("message-tags", "@batch=2 :a PRIVMSG #b :hi", ":a PRIVMSG #b :hi"),
        ("message-tags batch", "@batch=2 :a PRIVMSG #b :hi", "@batch=2 :a PRIVMSG #b :hi"),
        ("batch", "@batch=2;time=1 :a PRIVMSG #b :hi", "@batch=2 :a PRIVMSG #b :hi"),
        ("labeled-response", "@label=2 :a 401 b c :No such nick", "@label=2 :a 401 b c :No such nick"),
        ("", "BATCH +1 netsplit a b", None),
        ("batch", ":a BATCH +1 netsplit a b", ":a BATCH +1 netsplit a b"),
        ("", "@+typing=active :a TAGMSG #b", None),
        ("message-tags", "@+typing=active :a TAGMSG #b", "@+typing=active :a TAGMSG #b"),
        ("server-time", "@time=1 :a JOIN #b acc :real name", "@time=1 :a JOIN #b"),
        ("", ":a JOIN :#b", ":a JOIN :#b"),
        ("extended-join", ":a JOIN #b acc :real name", ":a JOIN #b acc :real name"),
        ("extended-join", ":a!u@h JOIN #b acc real", ":a!u@h JOIN #b acc real"),
        ("extended-join", ":a!u@h JOIN :#b", ":a!u@h JOIN #b * a"),
        ("extended-join server-time", "@time=1;x :a!u@h JOIN #b acc", "@time=1 :a!u@h JOIN #b acc a"),
        ("extended-join", ":a!u@h JOIN :#b c", ":a!u@h JOIN * * a"),
        ("extended-join", "JOIN", "JOIN"),
        ("", ":a SETNAME :new", None),
        ("setname", ":a SETNAME :new", ":a SETNAME :new"),
        ("", ":a CHGHOST u h", None),
        ("", ":a AWAY", None),
        ("", ":a ACCOUNT x", None),
        ("", "MARKREAD #a *", None),
        ("", "READ #a *", None),
        ("", "METADATA #a k *", None),
        ("", ":a REDACT #a 1", None),
        ("", ":s 353 me = #a :@+a +b c ~&@%+d ", ":s 353 me = #a :@a +b c ~d "),
        ("multi-prefix", ":s 353 me = #a :@+a +b c", ":s 353 me = #a :@+a +b c"),
        ("", ":s 353 me = #a :@+a!u@h b!u@h !", ":s 353 me = #a :@a b !"),
        ("multi-prefix", ":s 353 me = #a :@+a!u@h b", ":s 353 me = #a :@+a b"),
        ("userhost-in-names", ":s 353 me = #a :@+a!u@h b!u@h", ":s 353 me = #a :@a!u@h b!u@h"),
        ("userhost-in-names multi-prefix", ":s 353 me = #a :@+a!u@h", ":s 353 me = #a :@+a!u@h"),
        ("", ":s 354 me 42 #a n H*@+ 0", ":s 354 me 42 #a n H*@ 0"),
        ("", ":s 354 me 42 #a n :H@+ is my name", ":s 354 me 42 #a n :H@+ is my name"),
        ("multi-prefix", ":s 354 me 42 #a n H*@+ 0", ":s 354 me 42 #a n H*@+ 0"),
        ("", ":s 352 me #a u h s n H*@+ :0 x @+", ":s 352 me #a u h s n H*@ :0 x @+"),
        ("", ":s 352 me #a u h s n G :0 x", ":s 352 me #a u h s n G :0 x"),
        ("", ":s 353 me", ":s 353 me"),
        ("", "@time=1  :a  join #b x :y", ":a JOIN #b"),
        ("", "@time=1 PING", "PING"),
        ("", "privmsg #a  x", "privmsg #a  x"),
    ],
)
def test_a_client_gets_what_it_understands(caps: str, line: str, seen: str | None) -> None:
    assert View.of(caps.split()).adapt(line) == seen


@given(strategies.messages, _caps)
def test_no_tag_is_added_and_the_text_stays(message: Message, caps: frozenset[str]) -> None:
    seen = View.of(caps).adapt(str(message))
    if seen is None:
        assert COMMAND_NEEDS[message.command] not in caps
        return
    shown = parse_message(seen)
    assert shown.tag_map().items() <= message.tag_map().items()
    assert (shown.command, shown.source) == (message.command, message.source)
    if message.command in ("PRIVMSG", "NOTICE"):
        assert shown.params == message.params
    if "message-tags" not in caps:
        assert all(TAG_NEEDS[tag] in caps for tag in shown.tag_map())


@given(strategies.messages, _caps)
def test_adapting_twice_is_adapting_once(message: Message, caps: frozenset[str]) -> None:
    view = View.of(caps)
    once = view.adapt(str(message))
    assert once is None or view.adapt(once) == once


@given(strategies.messages)
def test_with_every_capability_a_line_stays_as_it_is(message: Message) -> None:
    assume(message.command != "JOIN" or len(message.params) >= 3)
    assert View.of(_EVERYTHING).adapt(str(message)) == str(message)


def test_views_are_values() -> None:
    views = {View.of(caps) for caps in combinations(_CAPS, 2)} | {View()}
    assert View.of(["x", *_CAPS[:2]]) in views
    assert View() == View.of(["sasl"])
    decoded = {msgspec.msgpack.decode(msgspec.msgpack.encode(view), type=View) for view in views}
    assert decoded == views


def test_what_is_not_irc_is_an_error() -> None:
    with pytest.raises(ParseError):
        View().adapt("@tags")


def test_clients_with_equal_capabilities_share_a_view() -> None:
    """Each has one for each buffer."""
    assert View.of(["batch", "server-time"]) is View.of({"server-time", "batch"})
