"""Lines of an answer, as they fit into messages."""

import re
from collections.abc import Iterable, Iterator

LONGEST = 350
"""Characters of one line, which leaves room for source and target, and for letters of several bytes."""
_CONTROL = re.compile(r"[\0\r\n]+")


def fitting(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines cut to what a message can carry, at a space where there is one; none is empty."""
    for line in lines:
        rest = _CONTROL.sub(" ", line).rstrip()
        while len(rest) > LONGEST:
            end = rest.rfind(" ", LONGEST // 2, LONGEST)
            end = LONGEST if end < 0 else end
            yield rest[:end]
            rest = rest[end:].lstrip(" ")
        if rest:
            yield rest
