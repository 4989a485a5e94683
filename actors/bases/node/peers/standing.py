"""Whether a node is one of its cluster: another one lets it in, or there is no other."""

from collections.abc import Iterable

CHANCE = 5.0
"""Seconds that the leaders have to answer a node that starts; then it takes itself to be the first."""
FORGOTTEN_AFTER = 60.0
"""Seconds for which a refusal counts though nobody is reached any more: a restart takes less."""
UNHEARD = "no leader has answered yet"


class Standing:
    """What the other nodes say to this one.

    A node that has never been let in is apart once it is refused. One that has been goes on like
    half of a cluster that was cut in two, since whoever refuses it may be the one that is wrong;
    unless it is told that its certificate counts no more, for that is the authority's word.
    """

    def __init__(self, leaders: Iterable[str], now: float) -> None:
        self._unheard = set(leaders)
        self._since = now
        self._was_in = not self._unheard
        self._refused = False
        self.apart = UNHEARD if self._unheard else ""
        """Why it must not act as one of the nodes; nothing if it may."""

    def let_in(self) -> None:
        """A session with a node has begun."""
        self._go_on()

    def refused(self, address: str, reason: str, now: float, *, connected: bool, final: bool = False) -> None:
        """The node at an address does not go together with this one.

        Args:
            address: where it was reached.
            reason: the text for people.
            now: seconds, as given before.
            connected: whether there is a session with any node.
            final: whether this node's certificate counts no more.
        """
        self._unheard.discard(address)
        if not connected and (final or self._refused or not self._was_in):
            self.apart, self._refused, self._since = reason, True, now

    def unreached(self, address: str, now: float) -> None:
        """No node answers at an address."""
        self._unheard.discard(address)
        self.look(now)

    def look(self, now: float) -> None:
        """See whether enough time has passed to go on alone."""
        if not self.apart:
            return
        waited = now - self._since
        if waited >= FORGOTTEN_AFTER if self._refused else not self._unheard or waited >= CHANCE:
            self._go_on()

    def _go_on(self) -> None:
        self._was_in, self._refused, self.apart = True, False, ""
