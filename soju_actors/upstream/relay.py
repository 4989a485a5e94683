"""What a user actor is told of one network, in order and as far as credit goes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from actors import Window
from soju_actors.messages.user import UpstreamCaps, UpstreamDown, UpstreamSaid, UpstreamTrying, UpstreamUp

News = UpstreamTrying | UpstreamUp | UpstreamCaps | UpstreamSaid | UpstreamDown


@dataclass(slots=True)
class Relay:
    """Holds back what has no credit, and all that comes after it.

    It outlives the connection: what a server said before it went away is told
    before the news that it went away. The connection is not read while something
    is held, so that is not more than what a link has read ahead.
    """

    window: Window
    held: deque[News] = field(default_factory=deque)

    def offer(self, news: News) -> bool:
        """Whether it can be told now; otherwise it is held."""
        if not self.held and self._goes(news):
            return True
        self.held.append(news)
        return False

    def taken(self, batches: int) -> Iterator[News]:
        """Take back credit; yield what can be told now.

        What is more than is under way was for an earlier connection.
        """
        self.window.give(min(batches, self.window.under_way))
        while self.held and self._goes(self.held[0]):
            yield self.held.popleft()

    def _goes(self, news: News) -> bool:
        """Use a credit if one is needed; with the end of a connection the user actor forgets what it owes for it."""
        if isinstance(news, UpstreamDown):
            self.window.under_way = 0
        return not isinstance(news, UpstreamSaid) or self.window.take()
