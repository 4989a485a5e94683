"""Arbitrary bytes on every listener and from a server, before and after login: no traceback, no dead actor."""

import random
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.siege import siege
from tests.support.ircclient import Endpoint, IrcClient
from tests.support.ports import free_port

SEED = 4711
ODD = """
    : :: * + - , ,, . / 0 -1 99999999999999999999 #room #ROOM #none hostile HOSTILE nobody a,b,c #a,#b,,#c @ @+%&~ !@
    a!b@c timestamp=2026-01-01T00:00:00.000Z timestamp=never msgid=x = a=b;c (ov)@+ (ov @+ rfc1459 ACK NAK NEW DEL LS
    END 302 \x01ACTION \x02\x0f +ovbklimnst-ov b,k,l,imnt PLAIN QUIT JOIN 001 005 376 433 \N{PILE OF POO} \udcff\udc80
""".split(" ")  # noqa: SIM905 - a table is easier to read; the empty words of its indentation are meant
"""What may stand in the place of any word."""

CLIENT = """
PRIVMSG #room :text
PRIVMSG BouncerServ :network update net -nick hostile -realname x
PRIVMSG BouncerServ :channel update #room -detached true -detach-after 1s
PRIVMSG BouncerServ :sasl status -network net
PRIVMSG BouncerServ :network status
NOTICE hostile :text
TAGMSG #room
JOIN #room,#other key1,key2
PART #room,#other :detach
NAMES #room
WHO #room %tcuhnf,152
WHOIS hostile hostile
LIST >5
MODE #room +ov hostile hostile
MODE hostile +i
TOPIC #room :text
KICK #room nobody :text
INVITE nobody #room
AWAY :text
ISON hostile nobody
MONITOR + hostile,nobody
CAP REQ :server-time -batch
CAP LS 302
AUTHENTICATE PLAIN
PASS x
USER hostile 0 * :text
PING token
PONG soju-actors-receipt-1
CHATHISTORY LATEST #room * 10
CHATHISTORY BETWEEN #room timestamp=2026-01-01T00:00:00.000Z msgid=x 10
CHATHISTORY AROUND #room msgid=x 10
CHATHISTORY TARGETS timestamp=2026-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 10
MARKREAD #room timestamp=2026-01-01T00:00:00.000Z
BOUNCER LISTNETWORKS
BOUNCER CHANGENETWORK 2 nickname=hostile;realname=x
BOUNCER ADDNETWORK name=x;host=127.0.0.1;port=1;tls=0
BOUNCER DELNETWORK 77
BOUNCER BIND 2
SETNAME :text
NICK hostile
WHOWAS nobody
MOTD
VERSION
"""
"""What clients say."""

SERVER = """
:hostile!u@h JOIN #room
:other!u@h JOIN #room account :Real Name
:other!u@h PART #room :text
:other!u@h QUIT :text
:other!u@h NICK another
:hostile!u@h NICK hostile
:other!u@h KICK #room nobody :text
:other!u@h PRIVMSG #room :text
@time=2026-01-01T00:00:00.000Z;msgid=x;account=a :other!u@h NOTICE hostile :text
:other!u@h TAGMSG #room
:other!u@h TOPIC #room :text
:other!u@h MODE #room +ovb-k other another a!b@c key
:hostile MODE hostile +i
:other!u@h INVITE hostile #room
:other!u@h ACCOUNT name
:other!u@h AWAY :text
:other!u@h CHGHOST newuser newhost
:other!u@h SETNAME :text
:irc.test 001 hostile :Welcome
:irc.test 004 hostile irc.test v1 iow biklmnopstv bklov
:irc.test 005 hostile PREFIX=(ohv)@%+ CHANMODES=b,k,l,imnt CHANTYPES=#& CASEMAPPING=rfc1459 :are supported
:irc.test 005 hostile -PREFIX -CHANMODES NICKLEN=x MONITOR= :are supported
:irc.test 221 hostile +iw
:irc.test 301 hostile other :text
:irc.test 311 hostile other u h * :text
:irc.test 318 hostile other :End of WHOIS
:irc.test 315 hostile #room :End of WHO
:irc.test 324 hostile #room +ntk key
:irc.test 329 hostile #room 1700000000
:irc.test 332 hostile #room :topic
:irc.test 333 hostile #room other!u@h 1700000000
:irc.test 352 hostile #room u h irc.test other H@ :0 Real
:irc.test 354 hostile 152 #room u h other H 0
:irc.test 353 hostile = #room :@hostile +other!u@h %another
:irc.test 366 hostile #room :End of NAMES
:irc.test 376 hostile :End of MOTD
:irc.test 396 hostile new.host :is now your hidden host
:irc.test 403 hostile #none :No such channel
:irc.test 433 hostile taken :Nickname is already in use
:irc.test 442 hostile #room :You are not on that channel
:irc.test 471 hostile #room :Cannot join channel
:irc.test 730 hostile :other!u@h,another!u@h
:irc.test 900 hostile hostile!u@h account :You are now logged in
:irc.test CAP hostile NEW :sasl away-notify=x
:irc.test CAP hostile DEL :message-tags server-time
:irc.test CAP hostile ACK :away-notify
:irc.test BATCH +b netsplit irc.a irc.b
@batch=b :other!u@h QUIT :irc.a irc.b
:irc.test BATCH -b
:irc.test FAIL X Y :text
:irc.test PING token
PING
:irc.test PONG irc.test token
"""
"""What servers say."""

SENSIBLE, SPOILT, MUTILATED = 0.3, 0.25, 0.3
"""How often a line stays as it is, a word is exchanged, a byte of all is changed."""


def seeded() -> random.Random:
    """A source of chance that can be had again."""
    return random.Random(SEED)  # noqa: S311 - nothing here is secret


def noise(rng: random.Random) -> bytes:
    """Bytes of any value."""
    return rng.randbytes(rng.randrange(1, 600))


def nonsense(said: str) -> Callable[[random.Random], bytes]:
    """Lines of which a part makes sense, which is more trouble than noise."""
    lines = said.strip().splitlines()

    def some(rng: random.Random) -> bytes:
        chosen = [line if rng.random() < SENSIBLE else spoilt(rng, line) for line in rng.choices(lines, k=20)]
        data = bytearray("\r\n".join(chosen).encode(errors="surrogateescape"))
        if rng.random() < MUTILATED:
            data[rng.randrange(len(data))] = rng.randrange(256)
        return bytes(data) + b"\r\n"

    return some


def spoilt(rng: random.Random, line: str) -> str:
    """Exchange, drop or double words of a line."""
    words = [rng.choice(ODD) if rng.random() < SPOILT else word for word in line.split(" ")]
    place = rng.randrange(len(words))
    return " ".join([*words[:place], *words[place + rng.randrange(2) :]])


@pytest.mark.parametrize("kind", [noise, nonsense(CLIENT)], ids=["noise", "nonsense"])
async def test_before_login_on_each_listener(folder: Path, kind: Callable[[random.Random], bytes]) -> None:
    """Whoever speaks no IRC is answered or closed; nobody else notices."""
    rng = seeded()
    tls_port, path, admin = free_port(), folder / "irc.sock", folder / "admin.sock"
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    listen = [f"ircs://127.0.0.1:{tls_port}", f"unix://{path}", f"unix+admin://{admin}"]
    limits = {"connections_per_address": 30_000, "connections_before_login": 30_000, "login_failures": 100_000}
    async with siege(folder, listen=listen, tables={"limits": limits}) as stage:
        endpoints = [
            stage.bouncer.endpoint,
            Endpoint(tls_port),
            Endpoint(tls_port, tls=blind),
            Endpoint(path=path),
            Endpoint(path=admin),
        ]
        for endpoint in endpoints:
            for _ in range(60):
                async with await IrcClient.open("somebody", endpoint) as client:
                    for _ in range(3):
                        client.send_bytes(kind(rng))
                    with suppress(ConnectionError):
                        await client.flush()
            await stage.honest_is_served()
        await stage.holds()


@pytest.mark.parametrize("kind", [noise, nonsense(CLIENT)], ids=["noise", "nonsense"])
async def test_after_login(folder: Path, kind: Callable[[random.Random], bytes]) -> None:
    """A client that has logged in breaks nothing but its own connection."""
    rng = seeded()
    limits = {"command_burst": 100_000, "commands_per_second": 100_000.0}
    async with siege(folder, tables={"limits": limits}) as stage:
        for _ in range(60):
            async with await stage.attach(caps=["message-tags", "batch", "echo-message"]) as client:
                for _ in range(10):
                    client.send_bytes(kind(rng))
                await client.flush()
                client.send("PING the-end")
                await client.heard.until(
                    lambda: client.heard.matching("the-end|^ERROR") or client.heard.ended, "an answer"
                )
            stage.bouncer.check_log()
        await stage.holds()


@pytest.mark.parametrize("kind", [noise, nonsense(SERVER)], ids=["noise", "nonsense"])
async def test_from_a_server(folder: Path, kind: Callable[[random.Random], bytes]) -> None:
    """A server that talks nonsense loses its connection at most; the user and his client stay."""
    rng = seeded()
    async with siege(folder) as stage, await stage.attach(caps=["message-tags", "batch"]) as client:
        for _ in range(60):
            if (upstream := stage.find_upstream()) is not None:
                upstream.writer.write(kind(rng))
                await stage.server.flush()
            await client.round_trip()
            stage.bouncer.check_log()
        await stage.holds()
