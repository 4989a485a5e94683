"""What is told of peers: the same of the same host once in a while, however often it comes again."""

import logging
import re
from collections.abc import Callable

PAUSE = 60.0
"""Seconds until the same is told again."""
MOST = 1000
"""What is remembered."""
_CHANGING = re.compile(r"\d[\d:.-]{7,}")
"""Times, and addresses."""


class Complaints:
    """What one node has told of its peers."""

    def __init__(self, log: logging.Logger, now: Callable[[], float], pause: float = PAUSE) -> None:
        self.pause = pause
        """Seconds until the same is told again."""
        self._log = log
        self._now = now
        self._told: dict[tuple[str, str], float] = {}

    def tell(self, level: int, peer: str, words: str, reason: str) -> None:
        """Log a sentence, for debugging alone if the same was told a moment ago.

        Args:
            level: of the log.
            peer: ``host:port``, perhaps with more words before it.
            words: what happens to it.
            reason: why.
        """
        key = peer.rpartition(":")[0], f"{words} {_CHANGING.sub('', reason)}"
        now = self._now()
        known = self._told.get(key)
        if known is not None and now - known < self.pause:
            level = logging.DEBUG
        else:
            self._told.pop(key, None)
            self._told[key] = now
            if len(self._told) > MOST:
                del self._told[next(iter(self._told))]
        self._log.log(level, "%s %s: %s", peer, words, reason)
