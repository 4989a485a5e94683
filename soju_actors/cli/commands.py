"""The commands beside the bouncer itself."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from soju_actors import __version__
from soju_actors.cli import cluster, control, placement, users
from soju_actors.cli.daemon import DaemonOptions, fail, start
from soju_actors.cli.database import opened
from soju_actors.cli.failure import Failure
from soju_actors.cli.options import ConfigFile, examples, load
from soju_actors.cli.passwords import read_password
from soju_actors.config import ConfigError, advice
from soju_actors.service.commands import Caller
from soju_actors.service.helping import help_lines

Listen = Annotated[
    list[str] | None,
    typer.Option("--listen", metavar="URI", help="Listen here too; may be repeated.", show_default=False),
]
Debug = Annotated[bool, typer.Option("--debug", help="Log every line, secrets struck out.")]

app = typer.Typer(
    name="run.py",
    epilog=examples(
        "                             start with the defaults: 127.0.0.1:6667, data in ./data",
        "--config bouncer.toml        start with a configuration file",
        "demo                         see it work, without a network or an account",
        "user create alice            add a user",
        "test                         run the tests",
    )
    + "\n\n\b\nThe first start installs what is needed into .venv; --no-bootstrap refuses to.",
    context_settings={"help_option_names": ["--help", "-h"]},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(users.app, name="user")
app.add_typer(placement.app, name="placement")
app.add_typer(cluster.app, name="cluster")


def run(arguments: list[str]) -> int:
    """Do what the arguments say; a failure is one line on standard error."""
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="run.py", standalone_mode=False)
    except typer.TyperException as error:
        return fail(f"{error.format_message()} (--help shows what there is)", code=2)
    except ConfigError as error:
        return fail(str(error), code=2)
    except Failure as error:
        return fail(str(error))
    except typer.Abort:
        return fail("interrupted", code=130)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return code if isinstance(code, int) else 0


@app.callback(invoke_without_command=True)
def default(context: typer.Context, config: ConfigFile = None, listen: Listen = None, debug: Debug = False) -> int:
    """An IRC bouncer: stays connected to IRC networks for its users, and shows their clients what they missed."""
    context.obj = DaemonOptions(config, tuple(listen or ()), debug)
    return 0 if context.invoked_subcommand else start(context.obj)


@app.command("run", epilog=examples("run --config bouncer.toml", "run --listen ircs://:7000 --debug"))
def run_bouncer(context: typer.Context, config: ConfigFile = None, listen: Listen = None, debug: Debug = False) -> int:
    """Run the bouncer, as without a command."""
    before: DaemonOptions = context.find_root().obj
    return start(DaemonOptions(config or before.config, (*before.listen, *(listen or ())), debug or before.debug))


@app.command("test", epilog=examples("test", "test --fast", "test tests/unit -k ring", "test --help"))
def tests() -> None:
    """Check the code and run the tests."""
    raise Failure("test comes first: python3 run.py test")  # run.py itself does it, before the bouncer is loaded


@app.command(epilog=examples("demo", "demo --once"))
def demo(
    once: Annotated[bool, typer.Option("--once", help="Attach a client, print the dialog, and end.")] = False,
) -> int:
    """See it work: a small IRC server with two chatting bots, the bouncer, and how to attach to it."""
    from soju_actors import demo as demonstration  # noqa: PLC0415 - the other commands do without

    return demonstration.main(once=once)


@app.command("check-config", epilog=examples("check-config --config bouncer.toml"))
def check_config(context: typer.Context, config: ConfigFile = None) -> None:
    """Say what is wrong with the configuration, or what it makes."""
    found = load(context, config)
    typer.echo(f"hostname  {found.hostname}\ndata_dir  {found.data_dir}")
    typer.echo(f"database  {re.sub(':[^:/@]*@', ':…@', found.database.url)}")
    for listen in found.listen:
        typer.echo(f"listen    {listen.uri}")
    if found.cluster.node:
        node = found.cluster
        typer.echo(f"node      {node.node}, zone {node.zone}, role {node.role}, at {node.advertise}")
        typer.echo(f"leaders   {', '.join(node.leaders)}")
    for sentence in advice(found):
        typer.echo(f"Note: {sentence}.")
    typer.echo("The configuration is right.")


@app.command(
    epilog=examples("provision users.toml", "provision users.toml --config bouncer.toml")
    + "\n\n\b\nThe file:\n"
    + '  [[user]]\n  name = "alice"\n  password = "secret"      # or password_hash, as hash-password prints it\n'
    + '  [[user.network]]\n  name = "libera"\n  addr = "ircs://irc.libera.chat:6697"\n  channels = ["#soju"]'
)
def provision(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Users, networks and channels, in TOML.")],
    config: ConfigFile = None,
) -> None:
    """Create or update the users, networks and channels that a file declares. Again is without effect."""
    from soju_actors.adapters import provision as provisioning  # noqa: PLC0415 - the other commands do without

    settings = load(context, config)
    declarations = provisioning.load_declarations(file)
    with opened(settings) as database:
        changes = provisioning.apply(database, declarations, settings.accounts.scram_iterations)
    for change in changes:
        typer.echo(change.what)
    if changes:
        control.refresh(settings)
    else:
        typer.echo("Nothing to change.")


@app.command("hash-password", epilog=examples("hash-password", "hash-password < file"))
def hash_password() -> None:
    """Print the hash of a password, which is asked for or taken from standard input."""
    from soju_actors.adapters.passwords import hash_password as hashed  # noqa: PLC0415 - most commands do without

    typer.echo(hashed(read_password()))


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog=examples(
        "ctl help user create",
        "ctl user status",
        "ctl --user alice network status",
        "ctl --user alice network export > alice.toml",
        "ctl --config bouncer.toml server status",
    )
    + "\n\n\b\nCommands:\n"
    + "\n".join(f"  {line}" for line in help_lines("", Caller()) if line.startswith("  ") or line.endswith(":")),
)
def ctl(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="What one would say to BouncerServ.")],
    user: Annotated[
        str | None, typer.Option("--user", "-u", metavar="NAME", help="In the name of this user.", show_default=False)
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Give a command to the running bouncer, as its operator or in the name of a user."""
    whole = ["user", "run", user, *words] if user else words
    for line in control.command(load(context, config), whole, control.PATIENCE_FOR_KEYS):
        typer.echo(line)


@app.command(epilog=examples("version"))
def version() -> None:
    """Print the version."""
    typer.echo(f"soju-actors {__version__}")
