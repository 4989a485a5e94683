"""``session``: the user's own connections (row GAP-03)."""

from soju_actors.service.commands import Command, Group
from soju_actors.service.groups.flags import yes_or_no

GROUP = Group(
    "session",
    "your clients that are connected to the bouncer",
    (
        Command(
            "session list",
            "tell which clients are connected, or all about one",
            ("[session]",),
            examples=("session list", "session list 3", "session list phone"),
        ),
        Command(
            "session kick",
            "disconnect clients, given by number or name",
            ("[session]",),
            (yes_or_no("others", "all but this one"),),
            examples=("session kick 3", "session kick phone", "session kick -others"),
        ),
    ),
)
