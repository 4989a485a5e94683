"""The checker of what clients were shown against what is in the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Session:
    """One connection of a client: the numbers that it was shown, in their order.

    The first ``kept`` of them were acknowledged so long before the end that
    they may not be shown again.
    """

    shown: Sequence[int]
    kept: int


def complaints(history: Sequence[int], sessions: Mapping[str, Sequence[Session]]) -> list[str]:
    """Return all that is wrong; nothing when the bouncer has kept its promises.

    Every client knows the whole history but for what came before its first
    line, and its last session has caught up.
    """
    found = [f"history: {b} comes after {a}" for a, b in pairwise(history) if b <= a]
    place = {number: index for index, number in enumerate(history)}
    for client, connections in sessions.items():
        found += [f"{client}: {complaint}" for complaint in _of_client(place, connections)]
    return found


def _of_client(place: Mapping[int, int], sessions: Sequence[Session]) -> list[str]:
    found: list[str] = []
    following: int | None = None
    """The place in history behind the last line that the client has been shown in any session."""
    kept = -1
    """The last place that may not be shown again."""
    for count, session in enumerate(sessions):
        where = f"session {count}"
        missing = [number for number in session.shown if number not in place]
        found += [f"{where}: line {number} was shown and is not in the history" for number in missing]
        places = [place[number] for number in session.shown if number in place]
        if not places:
            continue
        if following is not None and places[0] > following:
            found.append(f"{where}: {places[0] - following} lines before line {session.shown[0]} were never shown")
        if places[0] <= kept:
            found.append(f"{where}: line {session.shown[0]} was acknowledged long ago and is shown again")
        found += [f"{where}: place {b} of the history comes after place {a}" for a, b in pairwise(places) if b != a + 1]
        following = max(following or 0, places[-1] + 1)
        kept = max(kept, *places[: session.kept], -1)
    if following != len(place):
        found.append(f"the last {len(place) - (following or 0)} lines of the history were never shown")
    return found
