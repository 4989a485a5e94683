"""``cluster``: several nodes as one bouncer."""

import typer

from soju_actors.cli import keys, local
from soju_actors.cli.options import examples

app = typer.Typer(
    name="cluster",
    help="Several nodes as one bouncer.",
    epilog=examples("cluster up 3", "cluster status", "cluster down", "cluster key init"),
    rich_markup_mode=None,
)
app.command(epilog=examples("cluster up 3", "cluster up 2 --database postgresql://soju@localhost/soju"))(local.up)
app.command(epilog=examples("cluster status", "cluster status --watch"))(local.status)
app.command(epilog=examples("cluster move alice n2"))(local.move)
app.command(epilog=examples("cluster drain n1"))(local.drain)
app.command(epilog=examples("cluster undrain n1"))(local.undrain)
app.command(epilog=examples("cluster start n2"))(local.start)
app.command(epilog=examples("cluster down"))(local.down)
app.add_typer(keys.app, name="key")
