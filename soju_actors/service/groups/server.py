"""``server``: the bouncer itself, rows SVC-24 to SVC-26."""

from soju_actors.service.commands import Command, Group

GROUP = Group(
    "server",
    "the bouncer itself",
    (
        Command("server status", "count what there is", admin=True, everywhere=True),
        Command(
            "server notice",
            "tell every client of every user",
            ("<text...>",),
            admin=True,
            everywhere=True,
            tail=True,
            examples=("server notice The bouncer restarts at 22:00",),
        ),
        Command(
            "server debug",
            "log in detail, or no longer",
            ("<on|off>",),
            admin=True,
            everywhere=True,
            examples=("server debug on",),
        ),
        Command("server refresh", "look again at users that another program has changed", admin=True, everywhere=True),
    ),
)
