"""The example of a service."""

import shlex
from configparser import ConfigParser
from pathlib import Path

from soju_actors.cli.daemon import DaemonOptions, find_daemon_options

ROOT = Path(__file__).resolve().parents[3]


def test_the_example_of_a_service_starts_the_daemon_and_reloads_it() -> None:
    """Row OPS-07: a user of its own, folders of its own, reload by HUP, another start after a failure."""
    unit = ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "config/soju-actors.service")
    service = unit["Service"]
    python, program, refuse, *options = shlex.split(service["ExecStart"])
    assert (Path(python).name, Path(program).name, refuse) == ("python3", "run.py", "--no-bootstrap")
    assert find_daemon_options(options) == DaemonOptions(config=Path("/etc/soju-actors/bouncer.toml"))
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["DynamicUser"] == "yes"
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("on-failure", "2")
