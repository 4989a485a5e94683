"""``user``: the accounts of the bouncer, rows SVC-19 to SVC-23."""

from soju_actors.service.commands import Command, Flag, Group, Kind
from soju_actors.service.groups.flags import yes_or_no

_ACCOUNT = (
    Flag("password", "password", "the password"),
    Flag("nick", "nick", "the usual nick; empty: the user's name"),
    Flag("realname", "text", "the usual realname; empty: the nick"),
)
_ADMINS = (
    yes_or_no("disable-password", "have no password: nobody can log in with one", admin=True),
    yes_or_no("admin", "be an admin", admin=True),
    yes_or_no("enabled", "be able to log in, and be connected", admin=True),
    Flag("max-networks", "number", "enabled networks at most; -1: the server's own limit", Kind.NUMBER, admin=True),
)

GROUP = Group(
    "user",
    "the accounts of this bouncer",
    (
        Command(
            "user status",
            "list the users, or tell of one",
            ("[name]",),
            admin=True,
            everywhere=True,
            examples=("user status", "user status bob"),
        ),
        Command(
            "user create",
            "add a user",
            flags=(Flag("username", "name", "the user's name", required=True), *_ACCOUNT, *_ADMINS),
            admin=True,
            everywhere=True,
            examples=('user create -username bob -password "a password"',),
        ),
        Command(
            "user update",
            "change your account, or another's",
            ("[name]",),
            (*_ACCOUNT, *_ADMINS),
            everywhere=True,
            examples=('user update alice -password "a new one"', "user update alice -nick al"),
        ),
        Command(
            "user delete",
            "delete an account with all that is in it",
            ("<name>", "[token]"),
            everywhere=True,
            examples=("user delete bob",),
        ),
        Command(
            "user run",
            "give a command as another user",
            ("<name>", "<command...>"),
            admin=True,
            everywhere=True,
            tail=True,
            examples=("user run bob network status",),
        ),
    ),
)
