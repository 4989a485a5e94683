"""``cluster key``: the authority whose certificates let nodes into a cluster."""

import secrets
import time
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from soju_actors.cli.failure import Failure
from soju_actors.cli.options import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soju_actors.adapters.authority import Authority

app = typer.Typer(
    name="key",
    help="The cluster's own authority: which nodes are let in. It is a folder, best kept on a machine that is no node.",
    epilog=examples("cluster key init", "cluster key issue a", "cluster key list", "cluster key revoke a")
    + "\n\n\b\nEach node gets its folder nodes/NODE, as [cluster] keys of its configuration:\n"
    + "  node.pem          its key and certificate: secret, readable by its user alone\n"
    + "  authorities.pem   whom it trusts; new after each revoke and rotate\n"
    + "A running node reads both again on SIGHUP.",
    rich_markup_mode=None,
)
Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="The folder of the authority.")]
Node = Annotated[str, typer.Argument(metavar="NODE", help="The name of the node.")]
HERE = Path("cluster-keys")


@app.command(epilog=examples("cluster key init", "cluster key init --cluster chat --folder /safe/keys"))
def init(
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="NAME", help="The name of the cluster.", show_default="drawn at random")
    ] = "",
    folder: Folder = HERE,
) -> None:
    """Make the authority of a new cluster."""
    with _authority(folder) as authority:
        authority.init(cluster or f"c{secrets.token_hex(6)}", time.time())
        register = authority.read()
    typer.echo(
        f"Made the authority of cluster {register.cluster} in {authority.folder}.\n"
        "Whoever can read it can let nodes in: keep it secret, and a copy of it elsewhere.\n"
        "Next, for each node: python3 run.py cluster key issue NODE"
    )


@app.command(epilog=examples("cluster key issue a", "cluster key issue --again a"))
def issue(
    node: Node,
    again: Annotated[bool, typer.Option("--again", help="Though it has a certificate: another one.")] = False,
    folder: Folder = HERE,
) -> None:
    """Make the key and the certificate of a node."""
    with _authority(folder) as authority:
        issued = authority.issue(node, time.time(), again=again)
    typer.echo(
        f"Made {authority.folder_of(node)}, good until {_day(issued.expires)}.\n"
        f"Copy it to node {node}, where its user alone may read it (scp -pr), and say in its configuration:\n\n"
        f'[cluster]\nnode = "{node}"\nkeys = "/where/it/is"'
    )


@app.command("list", epilog=examples("cluster key list"))
def list_certificates(folder: Folder = HERE) -> None:
    """Print what was issued: node, serial number, until when, by which authority."""
    with _authority(folder) as authority:
        register = authority.read()
    typer.echo(f"cluster {register.cluster}, authority {' and '.join(map(str, register.generations))}")
    for one in sorted(register.issued, key=lambda one: one.node):
        state = f"revoked {_day(one.revoked_at)}" if one.revoked_at else f"until {_day(one.expires)}"
        typer.echo(f"{one.node}  {one.serial}  {state}  authority {one.generation}")


@app.command(epilog=examples("cluster key revoke a"))
def revoke(node: Node, folder: Folder = HERE) -> None:
    """Take from a node all certificates that it has: other nodes do not let it in any more."""
    now = time.time()
    with _authority(folder) as authority:
        revoked = authority.revoke(node, now)
        others = authority.read().nodes(now)
    typer.echo(f"Revoked what node {node} has: {', '.join(one.serial for one in revoked)}.")
    if others:
        typer.echo(f"The others let it in until they know. {_to_copy(authority, others)}")


@app.command(epilog=examples("cluster key rotate", "cluster key rotate --finish"))
def rotate(
    finish: Annotated[bool, typer.Option("--finish", help="Drop the old one: no node needs it any more.")] = False,
    folder: Folder = HERE,
) -> None:
    """Replace the authority while nodes run: make another beside it, and drop the old one when all have moved over."""
    now = time.time()
    with _authority(folder) as authority:
        register = authority.finish_rotation(now) if finish else authority.rotate(now)
    nodes = register.nodes(now)
    if finish:
        typer.echo(f"Authority {register.signing} alone is trusted now; the key of the old one is deleted.")
        typer.echo(_to_copy(authority, nodes))
        return
    typer.echo(
        f"Authority {register.signing} signs from now on; {register.generations[0]} is trusted beside it. Next:\n"
        f"1. {_to_copy(authority, nodes)}\n"
        "2. For each node: python3 run.py cluster key issue --again NODE; copy its node.pem in the same way.\n"
        "3. Once all nodes have theirs: python3 run.py cluster key rotate --finish"
    )


@contextmanager
def _authority(folder: Path) -> "Iterator[Authority]":
    """The authority in a folder.

    Raises:
        Failure: what is done within failed.
    """
    from soju_actors.adapters.authority import Authority, AuthorityError  # noqa: PLC0415 - other commands do without

    try:
        yield Authority(folder.absolute())
    except AuthorityError as error:
        raise Failure(str(error)) from None


def _to_copy(authority: "Authority", nodes: Iterable[str]) -> str:
    files = authority.folder_of("NODE") / "authorities.pem"
    return f"Copy {files} to each node and send it SIGHUP: {', '.join(nodes) or 'there is none yet'}."


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
