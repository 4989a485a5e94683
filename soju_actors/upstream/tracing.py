"""Lines in the log, for who looks for the reason of something."""

import logging
from collections.abc import Iterable

from soju_actors.policy.redact import redact

log = logging.getLogger(__name__)


def log_lines(path: str, direction: str, lines: Iterable[object]) -> None:
    """Log lines to or from a server, without secrets."""
    if log.isEnabledFor(logging.DEBUG):
        for line in lines:
            log.debug("%s %s %s", path, direction, redact(str(line)))
