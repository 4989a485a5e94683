"""An upstream on a bench, between a user actor and a server that is a script."""

from typing import Any

import msgspec

from actors import ActorProtocol, BytesReceived, Closed, Link, Opened, OpenFailed, Ref
from actors.testing import Bench, BenchTurn
from soju_actors.adapters.passwords import prove_scram
from soju_actors.irc.message import parse_message
from soju_actors.messages.pacer import AskToDial, DialEnded
from soju_actors.messages.upstream import DialGranted, UpstreamArgs
from soju_actors.messages.user import UpstreamCaps, UpstreamDown, UpstreamSaid, UpstreamTrying, UpstreamUp
from soju_actors.model.records import Network, NetworkId, StsPolicy, UserId
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.ports.passwords import ProveScram
from soju_actors.upstream.actor import UpstreamActor

USER: Ref[Any] = Ref("user/alice")
PACER: Ref[Any] = Ref("pacer")
ADDR = "ircs://irc.test"
WELCOME = ":irc.test 001 alice :Welcome"


def network(**settings: Any) -> Network:  # noqa: ANN401 - fields of any type
    """Return a network, with these settings in place of the defaults."""
    return msgspec.structs.replace(Network(NetworkId(3), UserId(1), "test", ADDR), **settings)


class Scene:
    """Everything that an upstream has said so far, and to whom.

    ``unheard`` are the lines for the server that no script has expected yet; ``told`` is
    what the user actor was told; ``turn`` is the last turn.
    """

    def __init__(
        self,
        nick: str = "alice",
        settings: UpstreamSettings | None = None,
        seed: int = 0,
        sts: StsPolicy | None = None,
        **of_network: Any,  # noqa: ANN401
    ) -> None:
        self.args = UpstreamArgs(
            USER, PACER, network(**of_network), nick, "al", "Alice A.", settings or UpstreamSettings(), sts
        )
        self.bench = Bench(UpstreamActor, self.args, path="user/alice/upstream-3", seed=seed)
        self.unheard: list[str] = []
        self.told: list[Any] = []
        self.asked: list[Any] = []
        self.tries = 0
        """How many attempts the user actor was told of."""
        self.turn = self.saw(self.bench.first)

    # What happens to the upstream

    def tell(self, msg: ActorProtocol) -> BenchTurn:
        return self.saw(self.bench.tell(msg))

    def advance(self, seconds: float) -> BenchTurn:
        return self.saw(self.bench.advance(seconds))

    def grant(self) -> BenchTurn:
        """Let the pacer grant what it was asked last."""
        ask = next(msg for msg in reversed(self.asked) if isinstance(msg, AskToDial))
        return self.tell(DialGranted(ask.attempt))

    @property
    def link(self) -> Link:
        """The link that was dialed last."""
        assert self.bench.actor.connection is not None, "the upstream has no connection"
        link: Link = self.bench.actor.connection.link
        return link

    def open(self) -> BenchTurn:
        return self.tell(Opened(self.link, "127.0.0.1:50000", "192.0.2.1:6697"))

    def connect(self) -> "Scene":
        """Let the connection come about."""
        self.grant()
        self.open()
        return self

    def register(self, welcome: str = WELCOME) -> "Scene":
        """Let a server without capabilities accept the user; forget what was said."""
        self.connect()
        self.hear(welcome)
        self.unheard.clear()
        self.told.clear()
        return self

    def fail_to_open(self, reason: str = "connection refused") -> BenchTurn:
        return self.tell(OpenFailed(self.link, reason))

    def close(self, reason: str = "closed by the peer", *, clean: bool = True) -> BenchTurn:
        return self.tell(Closed(self.link, reason, clean))

    def hear(self, *lines: str) -> BenchTurn:
        """Let the server say lines, in one read."""
        data = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
        return self.tell(BytesReceived(self.link, data))

    def play(self, script: str) -> "Scene":
        """Play a dialog: ``>`` is what the server says, ``<`` what it must hear next, ``*`` any parameter.

        All that was said before counts; what is said and not in the script is a failure.
        """
        for step in filter(None, map(str.strip, script.splitlines())):
            direction, _, line = step.partition(" ")
            if direction == ">":
                self.hear(line)
            else:
                assert direction == "<", step
                assert self.unheard, f"nothing was said where {line!r} should be"
                assert _fits(line, self.unheard.pop(0)), line
        assert self.unheard == [], "this was said too"
        return self

    def saw(self, turn: BenchTurn) -> BenchTurn:
        """Sort what a turn has done."""
        for data in turn.written.values():
            assert data.endswith(b"\r\n")
            self.unheard += data.decode("utf-8", "surrogateescape").split("\r\n")[:-1]
        for to, msg in turn.sent:
            if isinstance(msg, UpstreamTrying):
                self.tries += 1
                continue
            {USER: self.told, PACER: self.asked}[to].append(msg)
        self.turn = turn
        for _, job in turn.performed:
            assert isinstance(job, ProveScram)
            self.tell(prove_scram(job))
        return turn

    # What the others saw

    def heard(self) -> list[str]:
        """Return and forget what the server heard."""
        heard, self.unheard = self.unheard, []
        return heard

    def said(self) -> list[str]:
        """Return the lines that the user actor was told."""
        return [line for msg in self.told if isinstance(msg, UpstreamSaid) for line in msg.lines]

    @property
    def up(self) -> UpstreamUp:
        (up,) = (msg for msg in self.told if isinstance(msg, UpstreamUp))
        return up

    @property
    def down(self) -> UpstreamDown:
        (down,) = (msg for msg in self.told if isinstance(msg, UpstreamDown))
        return down

    @property
    def retry(self) -> float:
        """Seconds to the next attempt, of which there must be one."""
        retry = self.down.retry
        assert retry is not None, self.down
        return retry

    @property
    def caps(self) -> UpstreamCaps:
        (caps,) = (msg for msg in self.told if isinstance(msg, UpstreamCaps))
        return caps

    @property
    def places_given_back(self) -> list[str]:
        return [msg.host for msg in self.asked if isinstance(msg, DialEnded)]


def _fits(expected: str, line: str) -> bool:
    wanted, got = parse_message(expected), parse_message(line)
    if (wanted.command, len(wanted.params)) != (got.command, len(got.params)):
        raise AssertionError(f"{line!r} was said where {expected!r} should be")
    for want, have in zip(wanted.params, got.params, strict=True):
        if want not in ("*", have):
            raise AssertionError(f"{line!r} was said where {expected!r} should be")
    return True
