"""Whatever bytes come from a client or a server: no actor fails, and everybody else is served on."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.world import Setting, World

NAMES = ("alice", "bob", "carol", "dave", "#soju", "#SOJU", "#none", "BouncerServ", "irc.libera.test", "*", "$*", "")
VALUES = (
    *(
        "0",
        "-1",
        "99999999999999999999",
        "+o",
        "-ov+b",
        "(ov)@+",
        "rfc1459",
        "ascii",
        "timestamp=2024-01-01T00:00:00.000Z",
    ),
    *("msgid=x", "timestamp=never", "a=b;c", "+react", "LS", "302", "REQ", "END", "ACK", "NAK", "NEW", "DEL", "detach"),
    *("MONITOR", "MONITOR=1", "SUB", "SET", "LIST", "CLEAR", "SYNC", "soju.im/blocked", "bob,carol,dave"),
    *(
        "name=x;host=y",
        "nickname=z",
        "1",
        "2",
        "+1",
        "-1",
        "@bob",
        "%tcuihsnfdlaor,42",
        "a!b@c",
        "\x01ACTION x\x01",
        ":",
        " ",
    ),
)
CLIENT_COMMANDS = (
    *(
        "PRIVMSG",
        "NOTICE",
        "TAGMSG",
        "REDACT",
        "JOIN",
        "PART",
        "TOPIC",
        "MODE",
        "NAMES",
        "KICK",
        "INVITE",
        "NICK",
        "SETNAME",
    ),
    *("AWAY", "WHO", "WHOIS", "WHOWAS", "LIST", "PING", "PONG", "CAP", "AUTHENTICATE", "USER", "PASS", "CHATHISTORY"),
    *("BOUNCER", "ISUPPORT", "MOTD", "INFO", "MONITOR", "MARKREAD", "READ", "METADATA", "BATCH", "001", "FROBNICATE"),
)
SERVER_COMMANDS = (
    *(
        "PRIVMSG",
        "NOTICE",
        "TAGMSG",
        "REDACT",
        "JOIN",
        "PART",
        "TOPIC",
        "MODE",
        "NICK",
        "QUIT",
        "KICK",
        "INVITE",
        "AWAY",
    ),
    *(
        "ACCOUNT",
        "CHGHOST",
        "SETNAME",
        "BATCH",
        "CAP",
        "AUTHENTICATE",
        "FAIL",
        "ACK",
        "PING",
        "PONG",
        "001",
        "004",
        "005",
    ),
    *("221", "301", "311", "315", "318", "324", "329", "331", "332", "333", "341", "352", "353", "354", "366", "376"),
    *(
        "396",
        "401",
        "402",
        "421",
        "422",
        "433",
        "461",
        "263",
        "416",
        "730",
        "731",
        "734",
        "900",
        "901",
        "903",
        "904",
        "999",
    ),
)
SUBCOMMANDS = {
    "CHATHISTORY": ("LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN", "TARGETS"),
    "MONITOR": ("+", "-", "C", "L", "S"),
    "BOUNCER": ("LISTNETWORKS", "ADDNETWORK", "CHANGENETWORK", "BIND"),
}
SERVICE = (
    "help",
    "network status",
    "network quote PING",
    "channel status",
    "channel create #x",
    "sasl status",
    "certfp",
)

words = st.sampled_from(NAMES) | st.sampled_from(VALUES) | st.text(max_size=8)
tags = st.sampled_from(
    ["", "@time=2024-01-01T00:00:00.000Z ", "@label=1-1 ", "@batch=x ", "@+react=x;msgid=y ", "@;=;batch=x;; "]
)
garbage = st.binary(max_size=40) | st.sampled_from(
    [b"\r\n", b"\0", b"\r", b" \r\n", b"@ \r\n", b":\r\n", b"\xff\xfe\r\n"]
)


@st.composite
def lines(draw: st.DrawFn, commands: tuple[str, ...], sources: tuple[str, ...] = ("",)) -> bytes:
    """Return a line that looks like IRC: known commands with parameters of any kind."""
    command = draw(st.sampled_from(commands))
    params = [draw(st.sampled_from(SUBCOMMANDS[command]))] if command in SUBCOMMANDS else []
    params += draw(st.lists(words, max_size=5))
    if command == "PRIVMSG" and draw(st.booleans()):
        params = ["BouncerServ", draw(st.sampled_from(SERVICE))]
    trailing: bool = draw(st.booleans())
    last = f" :{params.pop()}" if params and trailing else ""
    line = " ".join([draw(tags) + draw(st.sampled_from(sources)) + command, *params]) + last
    return line.encode("utf-8", "replace") + b"\r\n"


client_lines = lines(CLIENT_COMMANDS)
server_lines = lines(
    SERVER_COMMANDS, ("", ":bob!b@host ", ":alice!a@host ", ":irc.libera.test ", ":x ", ":NickServ!s@h ")
)


@contextmanager
def no_faults() -> Iterator[None]:
    """Fail if anything logs an error."""
    faults: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: faults.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
    assert faults == []


def relays(world: World) -> None:
    """Check that a client is let in and sees what is said."""
    world.advance(1)
    client = world.attach("alice@check/libera")
    assert " 001 " in client.received()[0]
    if not world.server.connected:
        return  # the nonsense was an end of the connection, or a new name for the server to be reached at
    world.say(":alice!a@host JOIN #check", ":irc.libera.test 366 alice #check :End")
    client.received()
    world.say(":bob!b@host PRIVMSG #check :are you there?")
    assert client.received()[-1] == ":bob!b@host PRIVMSG #check :are you there?"


@settings(max_examples=20)
@given(st.lists(garbage | client_lines, max_size=12))
def test_of_a_client_before_login(reads: list[bytes]) -> None:
    with no_faults():
        world = World()
        client = world.connect()
        for data in reads:
            client.peer.send(data)
            world.run()
        relays(world)


@settings(max_examples=20)
@given(st.lists(client_lines | client_lines | client_lines | garbage, max_size=25), st.booleans())
def test_of_a_client_after_login(reads: list[bytes], modern: bool) -> None:
    with no_faults():
        world = World(Setting() if modern else Setting(caps=""))
        client = world.attach(caps="batch message-tags server-time cap-notify" if modern else "")
        for data in reads:
            client.peer.send(data)
            world.run()
        relays(world)


@settings(max_examples=20)
@given(st.lists(server_lines | server_lines | server_lines | garbage, max_size=25), st.booleans())
def test_of_a_server(reads: list[bytes], modern: bool) -> None:
    with no_faults():
        world = World(Setting() if modern else Setting(caps=""))
        client = world.attach(caps="batch message-tags server-time cap-notify echo-message" if modern else "")
        client.send("WHO #soju", "WHOIS bob", "LIST", "PRIVMSG bob :hi", "CHATHISTORY LATEST #soju * 10")
        for data in reads:
            if not world.server.connected:
                break
            world.server.wire.send(data)
            world.run()
        relays(world)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_reads_may_end_anywhere(sizes: list[int]) -> None:
    world = World(Setting(caps=""))
    client = world.attach()
    client.received()
    data = "".join(f":bob!b@host PRIVMSG #soju :n\xe9e {n}\r\n" for n in range(10)).encode()
    at = 0
    for size in sizes:
        world.server.wire.send(data[at : at + size])
        world.run()
        at += size
    world.server.wire.send(data[at:])
    world.run()
    assert client.received() == data.decode().split("\r\n")[:-1]
