"""Answers to commands with a label: what is shown while one is handled is a part of its answer (row FLT-05).

Spec: https://ircv3.net/specs/extensions/labeled-response
"""

from collections.abc import Iterator
from contextlib import contextmanager

from soju_actors.irc.labels import label_of
from soju_actors.irc.message import Message
from soju_actors.user.feed import Feed, Frame
from soju_actors.user.state import Client, UserState


def begin(user: UserState, client: Client, message: Message) -> Frame | None:
    """Return the answer that a command with a label is to get, None without a label."""
    label = label_of(message, client.caps) if message.tags else ""
    return Frame(user.new_request(), label, client.serial) if label else None


@contextmanager
def part_of(user: UserState, feed: Feed, frame: Frame | None) -> Iterator[None]:
    """Make what is shown meanwhile a part of an answer, the last one if it waits for no more."""
    if frame is None:
        yield
        return
    mark = feed.mark()
    user.frame = frame
    yield
    user.frame = None
    feed.enclose(mark, frame)


@contextmanager
def apart_from(user: UserState, feed: Feed) -> Iterator[None]:
    """Keep what is shown to a client meanwhile out of the answer to its command."""
    frame, user.frame, feed.apart = user.frame, None, True
    yield
    user.frame, feed.apart = frame, False
