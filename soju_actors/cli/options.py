"""Options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from soju_actors.cli.daemon import DaemonOptions
from soju_actors.config import Config

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="FILE", help="Configuration file; without it the defaults hold.", show_default=False
    ),
]


def load(context: typer.Context, config: Path | None) -> Config:
    """Load the configuration that was named after the command, or before it.

    Raises:
        ConfigError: it is wrong.
    """
    before = context.find_root().obj
    options = before if isinstance(before, DaemonOptions) else DaemonOptions()
    return (DaemonOptions(config=config) if config else options).load()


def examples(*lines: str) -> str:
    """The end of a help page: lines that can be typed."""
    return "\b\nExamples:\n" + "\n".join(f"  python3 run.py {line}" for line in lines)
