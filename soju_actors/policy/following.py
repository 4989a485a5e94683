"""Which messages count for the rules of a channel that is detached, or detaches by itself (rows DET-03 to DET-06)."""

from collections.abc import Callable
from enum import Enum, auto

from soju_actors.model.records import Channel, Filter


class Reaction(Enum):
    """What follows from a message in a detached channel."""

    NOTHING = auto()
    RELAY = auto()
    """The service tells of it."""
    ATTACH = auto()
    """The channel is followed again, from this message on."""


def reaction_to(channel: Channel, is_highlight: Callable[[], bool]) -> Reaction:
    """Return what follows from somebody's message in a detached channel; who sees it there is not told of it too."""
    if _fits(channel.reattach_on, Filter.NONE, is_highlight):
        return Reaction.ATTACH
    return Reaction.RELAY if _fits(channel.relay_detached, Filter.HIGHLIGHT, is_highlight) else Reaction.NOTHING


def keeps_attached(channel: Channel, is_highlight: Callable[[], bool]) -> bool:
    """Whether somebody's message is a reason not to detach the channel yet."""
    return _fits(channel.detach_on, Filter.MESSAGE, is_highlight)


def _fits(chosen: Filter, default: Filter, is_highlight: Callable[[], bool]) -> bool:
    """Whether a message passes a filter; a highlight is looked for only where that is asked."""
    wanted = default if chosen is Filter.DEFAULT else chosen
    return wanted is Filter.MESSAGE or (wanted is Filter.HIGHLIGHT and is_highlight())
