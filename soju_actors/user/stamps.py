"""The time of a message, and its line as it is stored and shown."""

from soju_actors.irc.message import Message, format_tags, tag_in
from soju_actors.irc.server_time import format_time, parse_time

_OURS = ("label", "batch")
"""Tags that belong to the connection on which they came."""


def time_in(tags: str) -> int | None:
    """Return the time in ms that a raw tag section has; None if there is none, or no valid one."""
    if tags[:5] == "time=":  # where most servers have it
        end = tags.find(";")
        time = parse_time(tags[5:] if end < 0 else tags[5:end])
    else:
        time = parse_time(tag_in(tags, "time") or "")
    return None if time is None else int(time * 1000 + 0.5)


def stamped(message: Message, wall: float) -> tuple[int, str]:
    """Return a message's time in ms and its line with a ``time`` tag, without label and batch (row UP-34).

    The server's time counts if it is valid; ``wall`` is the time now in seconds.
    """
    tags = message.tags
    if "label=" in tags or "batch=" in tags:
        message = message.with_tags({k: v for k, v in message.tag_map().items() if k not in _OURS})
        tags = message.tags
    time = time_in(tags)
    if time is not None:
        return time, message.line or str(message)
    if "time=" in tags:
        tags = format_tags({k: v for k, v in message.tag_map().items() if k != "time"})
    rest = f";{tags}" if tags else ""
    return int(wall * 1000), f"@time={format_time(wall)}{rest} {message.without_tags()}"
