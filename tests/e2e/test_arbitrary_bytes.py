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
WORDS = """
    PRIVMSG NOTICE JOIN PART NICK MODE TOPIC NAMES WHO WHOIS LIST KICK INVITE AWAY CAP LS REQ END 302 AUTHENTICATE
    PLAIN PASS USER PING PONG ISON MONITOR CHATHISTORY LATEST BEFORE AROUND TARGETS BETWEEN TAGMSG BOUNCER
    LISTNETWORKS
    BIND CHANGENETWORK SETNAME MARKREAD BATCH ISUPPORT METADATA REDACT BOUNCERSERV BouncerServ network status help
    #room #numbered hostile * + - : , timestamp=2026-01-01T00:00:00.000Z msgid=x 0 1 -1 99999999999999999999
    001 004 005 CASEMAPPING=x CHANTYPES= PREFIX=(ov)@+ CHANMODES=,,, 221 301 311 315 318 324 332 333 352 353 354 366
    367 376 396 401 403 421 432 433 437 461 464 471 900 903 904 QUIT ACCOUNT CHGHOST ERROR WARN FAIL ACK NAK NEW DEL
"""
"""Half of what makes sense makes more trouble than noise does."""

MUTILATED = 0.3
"""The share of what makes sense in which single bytes are changed."""


def seeded() -> random.Random:
    """A source of chance that can be had again."""
    return random.Random(SEED)  # noqa: S311 - nothing here is secret


def noise(rng: random.Random) -> bytes:
    """Bytes of any value."""
    return rng.randbytes(rng.randrange(1, 600))


def nonsense(rng: random.Random) -> bytes:
    """Lines in which each word means something."""
    lines = []
    for _ in range(rng.randrange(1, 20)):
        words = rng.choices(WORDS.split(), k=rng.randrange(1, 9))
        tags = rng.choice(["", "", "", "@a=b;+c ", "@=;;= ", "@label=x ", "@batch=1;time=x "])
        source = rng.choice(["", "", ":", ":hostile ", ":a!b@c ", ": "])
        last = rng.choice(["", " :", " :x y", " \udcff\udc80"])
        lines.append(f"{tags}{source}{' '.join(words)}{last}")
    data = bytearray("\r\n".join(lines).encode(errors="surrogateescape"))
    if rng.random() < MUTILATED:
        for _ in range(rng.randrange(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data) + b"\r\n"


KINDS = [noise, nonsense]


@pytest.mark.parametrize("kind", KINDS)
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


@pytest.mark.parametrize("kind", KINDS)
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


@pytest.mark.parametrize("kind", KINDS)
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
