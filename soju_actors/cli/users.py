"""``user``: the accounts of the bouncer."""

import time
from typing import Annotated

import typer

from soju_actors.cli import control
from soju_actors.cli.database import find_user, load_users, opened, with_password
from soju_actors.cli.failure import Failure
from soju_actors.cli.options import ConfigFile, examples, load
from soju_actors.cli.passwords import read_password
from soju_actors.model.records import User, UserId
from soju_actors.policy.accounts import valid_account
from soju_actors.ports.database import DeleteUser, SaveUser, UpdateUser

app = typer.Typer(
    name="user",
    help="Add, change and remove users. A running bouncer is told.",
    epilog=examples("user create alice", "user create --admin bob < password-file", "user list"),
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the account.")]


@app.command(epilog=examples("user create alice", "user create --admin alice --config bouncer.toml"))
def create(
    context: typer.Context,
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="May change other users.")] = False,
    config: ConfigFile = None,
) -> None:
    """Add a user; the password is asked for, or taken from standard input."""
    settings = load(context, config)
    if not valid_account(name):
        raise Failure(f"{name!r} cannot be the name of an account: no spaces, and none of / @ : ! *")
    password = read_password()
    with opened(settings) as database:
        user = User(UserId(0), name, admin=admin, created_at=time.time())
        database.change(SaveUser(with_password(user, password, database, settings)))
    typer.echo(f"Added {name}.")
    control.refresh(settings)


@app.command("list", epilog=examples("user list"))
def list_users(context: typer.Context, config: ConfigFile = None) -> None:
    """Print the users, one on a line."""
    with opened(load(context, config)) as database:
        for user in load_users(database):
            marks = [*(["admin"] if user.admin else []), *([] if user.enabled else ["disabled"])]
            typer.echo(" ".join([user.name, *marks]))


@app.command(epilog=examples("user password alice", "user password alice < password-file"))
def password(context: typer.Context, name: Name, config: ConfigFile = None) -> None:
    """Change a password; it is asked for, or taken from standard input."""
    settings = load(context, config)
    with opened(settings) as database:
        find_user(database, name)
        password = read_password()
        user = find_user(database, name)  # as it is once somebody has typed
        changed = with_password(user, password, database, settings)
        changes = {"password_hash": changed.password_hash, "scram": changed.scram}
        database.change(UpdateUser(user, changes, revoke=True))
    typer.echo(f"Changed the password of {name}.")
    control.refresh(settings)


@app.command(epilog=examples("user delete alice", "user delete --yes alice"))
def delete(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Remove a user with all networks and their history."""
    settings = load(context, config)
    with opened(settings) as database:
        user = find_user(database, name)
        if not yes and not typer.confirm(f"Remove {name}, with all networks and history?"):
            raise Failure("nothing was removed")
        database.change(DeleteUser(user.id))
    typer.echo(f"Removed {name}.")
    control.refresh(settings)
