"""``cluster``: several nodes as one bouncer."""

import typer

from soju_actors.cli import keys
from soju_actors.cli.options import examples

app = typer.Typer(
    name="cluster",
    help="Several nodes as one bouncer.",
    epilog=examples("cluster key init", "cluster key issue a"),
    rich_markup_mode=None,
)
app.add_typer(keys.app, name="key")
