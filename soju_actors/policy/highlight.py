"""Whether a message is meant for somebody: it has the nick as a word (row MSC-01).

Unlike soju (row TOD-09) nicks are compared as the network does it, and a colour in front of
a nick does not hide it.
"""

from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.ctcp import plain_text
from soju_actors.irc.formatting import strip_formatting

_IN_WORDS = "-_|"
"""What belongs to a word beside letters and digits."""
_URL = "://"


def is_highlight(text: str, nick: str, casemapping: Casemapping) -> bool:
    """Whether the nick stands in a message's text as a word of its own, outside of URLs."""
    wanted = casemapping.fold(nick)
    if not wanted or wanted not in casemapping.fold(text):
        return False
    text = strip_formatting(plain_text(text))
    folded = casemapping.fold(text)
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not _in_word(text[at - 1 : at]) and not _in_word(text[end : end + 1]) and not _in_url(text, at):
            return True
        at = folded.find(wanted, at + 1)
    return False


def _in_word(character: str) -> bool:
    """Whether a character, or none at an end of the text, would go on a word."""
    return character.isalnum() or (character != "" and character in _IN_WORDS)


def _in_url(text: str, at: int) -> bool:
    """Whether what stands here belongs to a URL that begins before it."""
    return _URL in text[text.rfind(" ", 0, at) + 1 : at]
