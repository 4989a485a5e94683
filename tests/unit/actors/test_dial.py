"""Which of a host's addresses is tried, and when."""

import asyncio
import socket
import ssl
from typing import Any

import pytest

from actors.bases.node import dial

IP4, IP6 = socket.AF_INET, socket.AF_INET6


def info(family: int, address: str) -> tuple[Any, ...]:
    return (family, socket.SOCK_STREAM, 6, "", (address, 6667))


def test_families_alternate_beginning_with_the_preferred_one() -> None:
    """Spec: https://www.rfc-editor.org/rfc/rfc8305#section-4."""
    found = [info(IP6, "a"), info(IP6, "b"), info(IP6, "c"), info(IP4, "d"), info(IP4, "e")]
    assert [i[4][0] for i in dial.interleave(found)] == ["a", "d", "b", "e", "c"]


class Loop:
    """A running loop whose addresses behave as told: connected, refused, or silent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, behaviour: dict[str, str]) -> None:
        self.loop = asyncio.get_running_loop()
        self.tried: list[str] = []
        self.all_tried = asyncio.Event()
        self.sockets: list[socket.socket] = []
        self.behaviour = behaviour
        monkeypatch.setattr(self.loop, "getaddrinfo", self.getaddrinfo)
        monkeypatch.setattr(self.loop, "sock_connect", self.sock_connect)
        monkeypatch.setattr(dial, "STAGGER", 0.0)

    async def getaddrinfo(self, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        del args, kwargs
        return [info(IP4, name) for name in self.behaviour]

    async def sock_connect(self, sock: socket.socket, address: tuple[str, int]) -> None:
        self.tried.append(address[0])
        if len(self.tried) == len(self.behaviour):
            self.all_tried.set()
        self.sockets.append(sock)
        match self.behaviour[address[0]]:
            case "refused":
                raise ConnectionRefusedError(111, "refused")
            case "silent":
                await asyncio.Event().wait()


async def test_a_silent_address_does_not_hold_up_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch, {"silent": "silent", "good": "connected", "unused": "connected"})
    with await dial.connect(loop.loop, "irc.test", 6667) as sock:
        assert loop.tried == ["silent", "good"]
        assert sock is loop.sockets[1]
    await asyncio.sleep(0)
    assert loop.sockets[0].fileno() == -1


async def test_a_refusal_is_followed_at_once_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch, {"bad": "refused", "good": "connected"})
    monkeypatch.setattr(dial, "STAGGER", 3600.0)
    with await dial.connect(loop.loop, "irc.test", 6667):
        assert loop.tried == ["bad", "good"]


async def test_when_all_have_failed_each_reason_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch, {"one": "refused", "two": "refused"})
    with pytest.raises(OSError, match=r"^connection refused$"):
        await dial.connect(loop.loop, "irc.test", 6667)
    assert [sock.fileno() for sock in loop.sockets] == [-1, -1]


async def test_a_name_without_addresses_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch, {})
    with pytest.raises(OSError, match="the name has no address"):
        await dial.connect(loop.loop, "irc.test", 6667)


async def test_giving_up_leaves_no_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch, {"one": "silent", "two": "silent"})
    task = asyncio.create_task(dial.connect(loop.loop, "irc.test", 6667))
    await loop.all_tried.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert [sock.fileno() for sock in loop.sockets] == [-1, -1]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "timed out"),
        (ConnectionResetError(104, "x"), "connection reset by peer"),
        (socket.gaierror(-2, "Name or service not known"), "name look-up failed: Name or service not known"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "TLS failed: [ssl: wrong version number] wrong"),
        (OSError("the name has no address"), "the name has no address"),
        (ValueError(), "ValueError"),
    ],
)
def test_errors_are_told_in_a_few_words(error: BaseException, words: str) -> None:
    assert dial.describe(error) == words


async def test_a_source_is_connected_from_and_its_family_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that has only other families is reached as usual."""
    loop = Loop(monkeypatch, {"four": "connected"})

    async def both(*args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        del args, kwargs
        return [info(IP6, "six"), info(IP4, "four")]

    with await dial.connect(loop.loop, "irc.test", 6667, ["2001:db8::1"]) as sock:
        assert sock.getsockname()[0] == "0.0.0.0"  # noqa: S104 - it is not bound
    monkeypatch.setattr(loop.loop, "getaddrinfo", both)
    with await dial.connect(loop.loop, "irc.test", 6667, ["127.1.2.3"]) as sock:
        assert sock.getsockname()[0] == "127.1.2.3"
    assert loop.tried == ["four", "four"]


async def test_with_a_source_that_counts_no_other_family_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch, {"four": "connected"})
    with pytest.raises(OSError, match=r"^it has no address that can be connected to from 2001:db8::1$"):
        await dial.connect(loop.loop, "irc.test", 6667, ["2001:db8::1"], bound=True)
    assert loop.tried == []
    with await dial.connect(loop.loop, "irc.test", 6667, ["127.1.2.3"], bound=True) as sock:
        assert sock.getsockname()[0] == "127.1.2.3"
