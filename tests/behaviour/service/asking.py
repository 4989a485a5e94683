"""Talking to the service in the whole bouncer, through the doors that there are."""

from tests.support.world import CONTROL, InlineClient, World

SERVICE = ":BouncerServ!BouncerServ@BouncerServ PRIVMSG "
LAG = "PING soju-actors-lag-"


def said(client: InlineClient, text: str) -> list[str]:
    """Say something to the service; return the texts of its answers, and other lines as they are."""
    client.received()
    client.send(f"PRIVMSG BouncerServ :{text}")
    return answers(client)


def answers(client: InlineClient) -> list[str]:
    """Return what has come: the texts of the service, and other lines as they are."""
    return [
        line.removeprefix(SERVICE).partition(" :")[2] if line.startswith(SERVICE) else line
        for line in client.received()
    ]


def control(world: World, text: str) -> list[str]:
    """Give a command to the control socket; return the answer."""
    peer = InlineClient(world.system.connect(CONTROL), world)
    peer.send(f"BOUNCERSERV :{text}")
    lines = peer.received()
    peer.close()
    return lines


def login(world: World, name: str, password: str) -> InlineClient:
    """Log a client in, or try to."""
    client = world.connect()
    client.send(f"PASS {password}", f"NICK {name}", f"USER {name} 0 * :{name}")
    return client
