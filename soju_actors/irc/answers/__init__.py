"""What servers answer to commands: which replies belong to an answer, which end it, what a refusal is about.

A server with labels tells it by itself; of one without, these tables are all that there is to go by.
"""

from soju_actors.irc.answers.kinds import ANSWERS, KINDS, SHARED, Answer, kind_of, list_queries
from soju_actors.irc.answers.refusals import REFUSALS, Refusal, command_named
from soju_actors.irc.answers.targets import target_of, words_of

__all__ = [
    "ANSWERS",
    "KINDS",
    "REFUSALS",
    "SHARED",
    "Answer",
    "Refusal",
    "command_named",
    "kind_of",
    "list_queries",
    "target_of",
    "words_of",
]
