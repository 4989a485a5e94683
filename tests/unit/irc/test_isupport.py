import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.isupport import MOST_TOKENS, PASSTHROUGH, Isupport, delta, format_isupport

from . import strategies

_names = st.text("ABC-/.x", min_size=1, max_size=6).filter(lambda name: name[0] != "-")
_tokens = st.dictionaries(_names, st.one_of(st.none(), strategies.texts))


def _apply_lines(server: Isupport, words: list[str]) -> None:
    for message in format_isupport(words):
        server.apply(message.params[1:-1])


@given(_tokens, _tokens)
def test_what_changed_is_all_that_has_to_be_told(before: dict[str, str | None], after: dict[str, str | None]) -> None:
    client = Isupport()
    _apply_lines(client, delta({}, before))
    assert client.tokens == before
    _apply_lines(client, delta(before, after))
    assert client.tokens == after
    assert delta(after, after) == []


@given(_tokens)
def test_lines_are_short_and_sorted(tokens: dict[str, str | None]) -> None:
    lines = format_isupport(tokens, "alice")
    words = [word for message in lines for word in message.params[1:-1]]
    assert [word.partition("=")[0] for word in words] == sorted(word.partition("=")[0] for word in words)
    assert all(len(message.params) <= 15 and str(message).startswith("005 alice ") for message in lines)


def test_long_tokens_are_spread_over_lines() -> None:
    lines = format_isupport({f"X{n}": "v" * 90 for n in range(9)})
    assert max(len(str(message)) for message in lines) < 470
    assert [len(message.params) for message in lines] == [6, 6, 3]


def test_what_a_server_says_is_understood() -> None:
    server = Isupport()
    changed = server.apply(
        [
            "CASEMAPPING=rfc1459-strict",
            "PREFIX=(qaohv)~&@%+",
            "CHANTYPES=#",
            "CHANMODES=b,k,l,imn,extra",
            "STATUSMSG=@+",
            r"NETWORK=A\x20B\x5C",
            "MONITOR=",
            "MODES=",
            "NICKLEN=31",
            "CHANNELLEN=64",
            "LINELEN=2048",
            "TARGMAX=PRIVMSG:4,JOIN:,KICK:1",
            "MAXTARGETS=7",
            "BOT=B",
            "ELIST=cTu",
            "WHOX",
            "UTF8ONLY",
            "soju.im/SAFERATE",
        ]
    )
    assert "WHOX" in changed
    assert server.casemapping is Casemapping.RFC1459_STRICT
    assert (server.prefix_modes, server.prefix_symbols) == ("qaohv", "~&@%+")
    assert server.chanmodes == ("b", "k", "l", "imn")
    assert (server.monitor, server.modes, server.nicklen, server.channellen, server.linelen) == (
        None,
        None,
        31,
        64,
        2048,
    )
    assert [server.targets(command) for command in ("PRIVMSG", "JOIN", "KICK", "NOTICE")] == [4, None, 1, 7]
    assert (server.network, server.bot, server.elist) == ("A B\\", "B", "CTU")
    assert server.whox
    assert server.utf8only
    assert server.saferate
    assert (server.symbol_of("o"), server.symbol_of("b"), server.symbol_of("")) == ("@", "", "")
    assert (server.mode_of("~"), server.mode_of("!"), server.mode_of("")) == ("q", "", "")


def test_a_silent_server_has_the_defaults() -> None:
    server = Isupport()
    assert server.casemapping is Casemapping.RFC1459
    assert (server.prefix_modes, server.prefix_symbols, server.chantypes) == ("ov", "@+", "#&")
    assert (server.monitor, server.modes, server.nicklen, server.channellen, server.linelen) == (0, 3, None, 200, 512)
    assert server.targets("PRIVMSG") is None
    assert not any((server.whox, server.utf8only, server.saferate))
    assert (server.network, server.bot, server.elist) == ("", "", "")


def test_negation_restores_the_default() -> None:
    server = Isupport({"CHANTYPES": "+", "MONITOR": "100"})
    assert server.apply(["-CHANTYPES", "-MONITOR", "-UNKNOWN"]) == {"CHANTYPES", "MONITOR"}
    assert (server.chantypes, server.monitor, server.tokens) == ("#&", 0, {})


def test_only_changes_are_told() -> None:
    server = Isupport({"A": "1", "B": None})
    assert server.apply(["A=1", "B", "C=", ""]) == {"C"}
    assert server.apply(["B="]) == {"B"}
    assert server.apply(["D=1", "-D"]) == set()


@pytest.mark.parametrize(
    ("token", "modes"), [("PREFIX=", ""), ("PREFIX", ""), ("PREFIX=(ov)@", ""), ("PREFIX=ov", ""), ("PREFIX=(o)@", "o")]
)
def test_ranks_without_symbols_are_none(token: str, modes: str) -> None:
    server = Isupport()
    server.apply([token])
    assert server.prefix_modes == modes


def test_escapes_never_become_line_ends() -> None:
    server = Isupport()
    server.apply([r"NETWORK=a\x0D\x0a\x00b\x3Dc\xZZ\x4"])
    assert server.network == r"a\x0D\x0a\x00b=c\xZZ\x4"


@pytest.mark.parametrize(
    ("target", "split", "channel"),
    [
        ("#a", ("", "#a"), True),
        ("@#a", ("@", "#a"), False),
        ("@+#a", ("@+", "#a"), False),
        ("@bob", ("", "@bob"), False),
        ("%#a", ("", "%#a"), False),
        ("", ("", ""), False),
    ],
)
def test_channels_are_told_from_people(target: str, split: tuple[str, str], channel: bool) -> None:
    server = Isupport({"STATUSMSG": "@+", "CHANTYPES": "#"})
    assert server.split_statusmsg(target) == split
    assert server.is_channel(target) is channel


def test_a_plus_can_be_a_channel_and_a_rank() -> None:
    server = Isupport({"CHANTYPES": "#+", "STATUSMSG": "@"})
    assert server.split_statusmsg("@+a") == ("@", "+a")


def test_without_channel_types_there_are_no_channels() -> None:
    assert not Isupport({"CHANTYPES": ""}).is_channel("#a")
    assert not Isupport({"CHANTYPES": None}).is_channel("#a")


def test_no_server_makes_us_keep_tokens_without_end() -> None:
    server = Isupport()
    for start in range(0, 10 * MOST_TOKENS, 10):
        server.apply([f"X{number}" for number in range(start, start + 10)])
    assert len(server.tokens) == MOST_TOKENS
    assert server.apply(["X1=new", "-X2"]) == {"X1", "X2"}


def test_32_tokens_pass_through() -> None:
    """Row ISU-09."""
    assert len(set(PASSTHROUGH)) == 32
