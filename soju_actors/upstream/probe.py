"""The actor that looks whether there is a server, before a network is made of an address (row USR-03)."""

from actors import Actor, BytesReceived, Closed, Opened, OpenFailed, Turn, on
from soju_actors.messages.upstream import ProbeArgs
from soju_actors.messages.user import Probed
from soju_actors.policy.address import parse_address
from soju_actors.ports.protocols import ToProbe
from soju_actors.upstream.dialing import endpoint_of


class ProbeActor(Actor[ToProbe]):
    """Dials once, says how that went, and ends; the engine gives up after 15 seconds."""

    __slots__ = ("args",)

    def __init__(self, args: ProbeArgs) -> None:
        self.args = args

    def started(self, turn: Turn) -> None:
        """Dial."""
        network = self.args.network
        turn.dial(endpoint_of(network, parse_address(network.addr)))

    @on(Opened)
    def opened(self, msg: Opened, turn: Turn) -> None:
        """There is a server."""
        turn.abort(msg.link)
        self._tell("", turn)

    @on(OpenFailed)
    def open_failed(self, msg: OpenFailed, turn: Turn) -> None:
        """There is none."""
        self._tell(msg.reason, turn)

    @on(BytesReceived)
    def bytes_received(self, msg: BytesReceived, turn: Turn) -> None:
        """Pass over what the server says."""

    @on(Closed)
    def closed(self, msg: Closed, turn: Turn) -> None:
        """Pass over the end."""

    def _tell(self, reason: str, turn: Turn) -> None:
        turn.send(self.args.user, Probed(self.args.request, reason))
        turn.stop()
