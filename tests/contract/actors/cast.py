"""The actor that plays all parts in the contract of the bases, and what it hears."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from actors import (
    Accepted,
    Actor,
    ActorProtocol,
    Args,
    BytesReceived,
    ChildGone,
    ChildRestarted,
    ChildSpec,
    Closed,
    Congested,
    Down,
    Drained,
    Full,
    Listening,
    Opened,
    OpenFailed,
    Ref,
    Refused,
    Returned,
    ServiceFailed,
    Turn,
    on,
)

Script = Callable[["Puppet", Turn], object]


class ToPuppet(ActorProtocol):
    __slots__ = ()


class PuppetArgs(msgspec.Struct, Args, frozen=True, tag="test.args"):
    first: int = -1
    last: int = -1


class Do(msgspec.Struct, ToPuppet, frozen=True, tag="test.do"):
    script: int


class Say(msgspec.Struct, ToPuppet, frozen=True, tag="test.say"):
    text: str


class Gossip(msgspec.Struct, ToPuppet, frozen=True, tag="test.gossip"):
    text: str


class Request(msgspec.Struct, ToPuppet, frozen=True, tag="test.request"):
    text: str


class Job(msgspec.Struct, frozen=True, tag="test.job"):
    text: str


class Heard(NamedTuple):
    """What an actor was told, by whom, and when."""

    by: str
    message: Any
    sender: str | None
    at: float


class Stage:
    """What the puppets of one test share."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.heard: list[Heard] = []
        self.puppets: list[Puppet] = []
        """All that were ever made."""
        self.on_heard: Callable[[], None] = lambda: None

    def script(self, script: Script) -> int:
        self.scripts.append(script)
        return len(self.scripts) - 1


stage = Stage()


class Puppet(Actor[ToPuppet]):
    """Does what scripts say, and remembers what it hears."""

    def __init__(self, args: PuppetArgs | None) -> None:
        self.args = args or PuppetArgs()
        self.value = 0
        stage.puppets.append(self)

    def hear(self, msg: object, turn: Turn) -> None:
        sender = None if turn.sender is None else turn.sender.path
        stage.heard.append(Heard(turn.me.path, msg, sender, turn.now))
        stage.on_heard()

    def started(self, turn: Turn) -> None:
        if self.args.first >= 0:
            stage.scripts[self.args.first](self, turn)

    def stopping(self, turn: Turn) -> None:
        self.hear("stopping", turn)
        if self.args.last >= 0:
            stage.scripts[self.args.last](self, turn)

    @on(Do)
    def do(self, msg: Do, turn: Turn) -> None:
        stage.scripts[msg.script](self, turn)

    @on(Say)
    def say(self, msg: Say, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Gossip, full=Full.DROP_OLDEST)
    def gossip(self, msg: Gossip, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Request, full=Full.REFUSE)
    def request(self, msg: Request, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(ChildRestarted)
    def child_restarted(self, msg: ChildRestarted, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(ChildGone)
    def child_gone(self, msg: ChildGone, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Refused)
    def refused(self, msg: Refused, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Returned)
    def returned(self, msg: Returned, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Listening)
    def listening(self, msg: Listening, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Accepted)
    def accepted(self, msg: Accepted, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Opened)
    def opened(self, msg: Opened, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(OpenFailed)
    def open_failed(self, msg: OpenFailed, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(BytesReceived)
    def bytes_received(self, msg: BytesReceived, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Congested)
    def congested(self, msg: Congested, turn: Turn) -> None:
        self.hear(msg, turn)

    @on(Drained)
    def drained(self, msg: Drained, turn: Turn) -> None:
        self.hear(msg, turn)


class Careless(Actor[ToPuppet]):
    """Handles no system message at all; its child fails for good at once."""

    def started(self, turn: Turn) -> None:
        turn.spawn(ChildSpec("child", f"{__name__}:Broken", intensity=0))

    @on(Do)
    def do(self, msg: Do, turn: Turn) -> None:
        raise NotImplementedError

    @on(Say)
    def say(self, msg: Say, turn: Turn) -> None:
        raise NotImplementedError

    @on(Gossip)
    def gossip(self, msg: Gossip, turn: Turn) -> None:
        raise NotImplementedError

    @on(Request)
    def request(self, msg: Request, turn: Turn) -> None:
        raise NotImplementedError


class Broken(Puppet):
    """Fails in its first turn."""

    def started(self, turn: Turn) -> None:
        raise RuntimeError(f"{turn.me} is broken")


PUPPET = f"{__name__}:Puppet"


def ref(path: str) -> Ref[ToPuppet]:
    return Ref(path)
