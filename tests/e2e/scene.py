"""The scene of most dialogs: a server, the bouncer with a user on it, and a friend straight on the server."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.daemon import Daemon, NetworkFile, UserFile
from tests.support.ircclient import Endpoint, IrcClient, Login
from tests.support.servers import Server

ROOM = "#room"
LOBBY = "#lobby"
"""A second channel, for users who join the room by hand."""
USER = "u1"
PASSWORD = "pw-Secret1"


def login(client: str = "", *, network: str = "/net", sasl: bool = False) -> Login:
    """Return how a client of the user logs in."""
    return Login(USER, f"{USER}{network}{'@' * bool(client)}{client}", PASSWORD, sasl)


def user(server: Server, *, channels: Sequence[str] = (ROOM,), **more: str) -> UserFile:
    """Declare the user with one network, the server."""
    return UserFile(USER, [NetworkFile("net", server.address, USER, channels, more)], PASSWORD)


@dataclass(slots=True)
class Scene:
    """A server, the bouncer and a friend who is in the room."""

    server: Server
    bouncer: Daemon
    friend: IrcClient

    async def until_user_joins(self, *, since: int = 0, room: str = ROOM) -> None:
        """Wait until the bouncer has brought the user into the room."""
        await self.friend.expect(rf"^:{USER}\S*!\S+ JOIN :?{room}", since=since)

    async def attach(
        self, client: str = "", *, caps: Sequence[str] = (), endpoint: Endpoint | None = None
    ) -> IrcClient:
        """Attach a raw client of the user and wait until it is in the room."""
        attached = await IrcClient.connect(endpoint or self.bouncer.endpoint, login(client), caps=caps)
        attached.heard.name = client or "the client"
        await attached.expect(rf" 366 \S+ {ROOM} ")
        return attached

    async def say(self, *texts: str) -> None:
        """Let the friend say something in the room; the server has it when this returns."""
        self.friend.send(*(f"PRIVMSG {ROOM} :{text}" for text in texts))
        await self.friend.round_trip()

    def texts(self, client: IrcClient, word: str = "said") -> list[str]:
        """Return what the client was shown of the numbered sayings that begin with a word."""
        return client.said(rf"^{word} \d+$")


def sayings(lines: Sequence[str], word: str = "said") -> list[str]:
    """Return the numbered sayings that begin with the word, as a client program logged them."""
    found = (re.search(rf"\b{word} \d+$", line) for line in lines)
    return [match[0] for match in found if match]


@asynccontextmanager
async def scene(
    folder: Path,
    server: Server,
    *,
    channels: Sequence[str] = (ROOM,),
    listen: Sequence[str] = (),
    tables: Mapping[str, Mapping[str, object]] | None = None,
) -> AsyncIterator[Scene]:
    """Set the scene: the user is in the channels, the friend is there and in the room."""
    async with server, Daemon(folder / "bouncer", listen=listen, tables=tables) as bouncer:
        await bouncer.provision(user(server, channels=channels))
        async with await IrcClient.connect(server.endpoint, Login("friend")) as friend:
            await friend.join(*{ROOM, *channels})
            await bouncer.start()
            stage = Scene(server, bouncer, friend)
            for channel in channels:
                await stage.until_user_joins(room=channel)
            yield stage
