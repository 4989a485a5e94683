"""``history``: what is stored of what was said."""

from soju_actors.service.commands import Command, Group
from soju_actors.service.groups.flags import ON_NETWORK

GROUP = Group(
    "history",
    "what is stored of what was said",
    (
        Command(
            "history purge",
            "delete what is stored of a channel or nick; *: of a network",
            ("<target>", "[token]"),
            (ON_NETWORK,),
            examples=("history purge #soju", "history purge -network libera *"),
        ),
    ),
)
