"""The arguments that start the bouncer (row CLI-01)."""

import subprocess
import sys
from pathlib import Path

import pytest

from soju_actors.cli.daemon import DaemonOptions, find_daemon_options, start
from soju_actors.config.settings import LogLevel

STARTS = {
    "": DaemonOptions(),
    "run": DaemonOptions(),
    "--config a.toml": DaemonOptions(Path("a.toml")),
    "-c a.toml": DaemonOptions(Path("a.toml")),
    "--config=a=b.toml run": None,
    "run --config=a=b.toml": DaemonOptions(Path("a=b.toml")),
    "--debug --listen :1 --listen=:2": DaemonOptions(listen=(":1", ":2"), debug=True),
    "version": None,
    "--config": None,
    "--config a.toml version": None,
    "--help": None,
    "run --help": None,
    "-c=a.toml": None,
    "run run": None,
}


@pytest.mark.parametrize("words", STARTS)
def test_the_bouncer_is_told_from_other_commands(words: str) -> None:
    assert find_daemon_options(words.split()) == STARTS[words]


def test_debug_is_louder_than_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bouncer.toml"
    file.write_text('[log]\nlevel = "error"')
    assert DaemonOptions(file).load().log.level is LogLevel.ERROR
    assert DaemonOptions(file, debug=True).load().log.level is LogLevel.DEBUG


def test_a_wrong_file_ends_the_start_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(DaemonOptions(tmp_path / "nowhere.toml")) == 2
    said = capsys.readouterr().err
    assert said.startswith("soju-actors: ")
    assert said.count("\n") == 1


def test_a_bouncer_that_is_alone_holds_nothing_of_clusters_in_memory() -> None:
    """Nor what makes migrations, nor what few users need: each is some MiB."""
    large = (
        "actors.cluster.cluster actors.bases.values thespian.system.admin sqlalchemy.dialects.postgresql"
        " scramp asn1crypto alembic psycopg typer"
    )
    look = (
        "import sys; from soju_actors import app; from soju_actors.adapters.passwords import make_verifier as make;"
        f"make('password', bytes(16), 4096); print(sorted(set({large.split()}) & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_bouncer_holds_no_command_line_machinery_in_memory() -> None:
    """Memory at rest counts: typer, rich and pydantic are some 20 MiB."""
    look = (
        "import sys; from soju_actors.cli.daemon import find_daemon_options as f; f(['--debug']).load();"
        "print(sorted({'typer', 'rich', 'pydantic', 'sqlalchemy', 'argparse'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
