"""Lines as they are: bytes that are not UTF-8, what ends a line, limits (DESIGN section 8, rows CMD-37, CMD-39)."""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

LATIN1 = b"caf\xe9 \xff\xfe \x80".decode("utf-8", "surrogateescape")
CHINESE_HALF = "汉字".encode()[:4].decode("utf-8", "surrogateescape")


@everywhere
@pytest.mark.parametrize("text", [LATIN1, CHINESE_HALF, "\x01ACTION waves\x01", "\x02bold\x0f\t", " two  spaces "])
def test_bytes_pass_through_as_they_are(set_stage: SetStage, text: str) -> None:
    """Both ways, and from history."""
    stage = set_stage(caps="message-tags")
    stage.attach("laptop", caps="batch draft/chathistory")
    play(
        stage,
        f"""
        libera > :bob!b@host PRIVMSG #soju :{text}.
        laptop < :bob!b@host PRIVMSG #soju :{text}.
        laptop > PRIVMSG #soju :{text}.
        libera < PRIVMSG #soju :{text}.
        laptop > CHATHISTORY LATEST #soju * 2
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b :bob!b@host PRIVMSG #soju :{text}.
        laptop < @batch=$b :alice!a@host PRIVMSG #soju :{text}.
        laptop < BATCH -$b
        """,
    )


@pytest.mark.parametrize("nick", ["../../etc/passwd", "/dev/null", "a/b", "..", "%2e%2e", "C:\\con", "' OR 1=1 --"[:9]])
def test_a_nick_that_is_a_path_is_a_nick(set_stage: SetStage, nick: str) -> None:
    """Names never become paths."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps="batch draft/chathistory")
    nick = nick.replace(" ", "_")
    play(
        stage,
        f"""
        libera > :{nick}!x@host PRIVMSG alice :hi
        laptop < :{nick}!x@host PRIVMSG alice hi
        laptop > CHATHISTORY LATEST {nick} * 1
        laptop < BATCH +$b chathistory *
        laptop < @batch=$b :{nick}!x@host PRIVMSG alice hi
        laptop < BATCH -$b
        """,
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r\n\r\n\n", "\n\n"])
def test_lines_end_with_lf_or_crlf_and_empty_ones_are_nothing(set_inline: SetInline, ending: str) -> None:
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.clients["laptop"].peer.send(f"ping one{ending}Ping two{ending}".encode())
    stage.world.run()
    play(stage, "laptop < PONG bouncer.test one\nlaptop < PONG bouncer.test two")


@pytest.mark.parametrize(
    "data", [b"PRIVMSG #soju :a\0b\r\n", b"PRIVMSG #soju :a\rQUIT\r\n", b":\r\n", b"@tag\r\n", b" \r\n"]
)
def test_what_is_no_line_ends_the_connection_with_a_reason(set_inline: SetInline, data: bytes) -> None:
    """Row CMD-39."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.clients["laptop"].peer.send(data)
    stage.world.run()
    play(stage, "laptop < ERROR *\nlaptop < (closed)\nlibera < AWAY :Auto away")


def test_what_a_server_says_of_that_kind_is_made_good(set_inline: SetInline) -> None:
    """NUL and stray CR are left out; what has no command is passed over."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.servers["libera"].wire.send(b":bob!b@h PRIVMSG #soju :a\0b\rc\r\n:\r\n@x\r\n\r\n:bob!b@h PRIVMSG #soju :d\n")
    stage.world.run()
    play(stage, "laptop < :bob!b@h PRIVMSG #soju abc\nlaptop < :bob!b@h PRIVMSG #soju d")


def test_line_breaks_in_values_cannot_make_lines(set_inline: SetInline) -> None:
    """A tag may hold an escaped CR LF; it stays escaped, on the way to the server too."""
    stage = set_inline(caps="message-tags")
    stage.attach("laptop", caps="message-tags")
    play(
        stage,
        r"""
        laptop > @+x=a\r\nQUIT\s:b PRIVMSG #soju :hi
        libera < @+x=a\r\nQUIT\s:b PRIVMSG #soju hi
        libera > @+x=a\r\nERROR\s:b :bob!b@host PRIVMSG #soju :hi
        laptop < @+x=a\r\nERROR\s:b;time=* :bob!b@host PRIVMSG #soju hi
        """,
    )


def test_tags_without_a_name_are_none(set_inline: SetInline) -> None:
    """``@;=x`` is what the grammar does not allow, and no reason to fail."""
    stage = set_inline()
    stage.attach("laptop", caps="message-tags")
    play(
        stage,
        """
        laptop > @;=x;;a= MOTD
        libera < @label=* MOTD
        laptop > @=x;+a=1; PRIVMSG #soju :hi
        libera < @label=*;+a=1 PRIVMSG #soju hi
        libera > @;=x;batch=1;time=2024-01-01T00:00:00.000Z;; :bob!b@host PRIVMSG #soju :hi
        laptop < @time=2024-01-01T00:00:00.000Z :bob!b@host PRIVMSG #soju hi
        """,
    )


def test_long_lines_of_servers_pass_and_too_long_ones_are_left_out(set_inline: SetInline) -> None:
    """Tags of 8 kB and texts beyond 512 bytes are within bounds; a line of 1 MB is not."""
    stage = set_inline(caps="message-tags")
    stage.attach("laptop", caps="message-tags")
    tags, text = "x=" + "y" * 8000, "z" * 600
    play(
        stage,
        f"""
        libera > @{tags} :bob!b@host PRIVMSG #soju :long tags
        laptop < @{tags};time=* :bob!b@host PRIVMSG #soju :long tags
        libera > :bob!b@host PRIVMSG #soju :{text}
        laptop < @time=* :bob!b@host PRIVMSG #soju {text}
        libera > :bob!b@host PRIVMSG #soju :{"m" * 1_000_000}
        libera > :bob!b@host PRIVMSG #soju :after it
        laptop < @time=* :bob!b@host PRIVMSG #soju :after it
        """,
    )


@pytest.mark.parametrize(
    "line",
    ["PRIVMSG #soju :" + "x" * 10_000, "@" + "x" * 5_000 + " PRIVMSG #soju :hi", "x" * 1_000_000],
    ids=["text", "tags", "megabyte"],
)
def test_a_line_of_a_client_that_is_too_long_ends_its_connection(set_inline: SetInline, line: str) -> None:
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > {line}
        laptop < ERROR *
        laptop < (closed)
        libera > :bob!b@host PRIVMSG #soju :still here
        phone < :bob!b@host PRIVMSG #soju :still here
        """,
    )


def test_a_megabyte_without_an_end_ends_the_connection_before_login(set_inline: SetInline) -> None:
    stage = set_inline(caps="")
    stage.say("laptop", "PING x")
    stage.clients["laptop"].peer.send(b"x" * 100_000)
    stage.world.run()
    play(stage, "laptop < PONG x\nlaptop < ERROR *\nlaptop < (closed)")
