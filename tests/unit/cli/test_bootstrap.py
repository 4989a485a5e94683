"""``run.py`` in a tree of its own, with one small package in its lock file."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from soju_actors import installing

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("bootstrap")]
"""They start other programs."""

ROOT = Path(__file__).resolve().parents[3]
SHOWS_WHERE_IT_RUNS = """
import sys
def main(arguments):
    import parcel
    print(sys.prefix, parcel.VERSION, *arguments)
    return 3
"""


class Checkout:
    """A tree with the real ``run.py``, whose command line only shows where it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.wheels = folder / "wheels"
        package = self.folder / "soju_actors"
        package.mkdir(parents=True)
        self.wheels.mkdir()
        shutil.copy(ROOT / "run.py", self.folder)
        for name in ("__init__.py", "bootstrap.py", "installing.py"):
            shutil.copy(ROOT / "soju_actors" / name, package)
        (package / "cli.py").write_text(SHOWS_WHERE_IT_RUNS)
        self.lock("1.0")

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def lock(self, version: str, *, sha256: str = "") -> None:
        """Publish a version of the package, and lock it."""
        wheel = self.wheels / f"parcel-{version}-py3-none-any.whl"
        info = f"parcel-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("parcel.py", f"VERSION = {version!r}\n")
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: parcel\nVersion: {version}\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        digest = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
        for name in ("requirements.lock", "requirements-test.lock"):
            (self.folder / name).write_text(f"parcel=={version} \\\n    --hash=sha256:{digest}\n")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }
        environment.pop("PIP_EXTRA_INDEX_URL", None)
        return subprocess.Popen(
            [sys.executable, str(self.folder / "run.py"), *arguments],
            env=environment,
            cwd=self.folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int = 3) -> tuple[str, str]:
        process = self.start(*arguments)
        out, err = process.communicate()
        assert process.returncode == code, err
        return out, err

    def ran(self, version: str, *arguments: str) -> str:
        """What it prints when it runs in its own environment."""
        return f"{' '.join([str(self.venv), version, *arguments])}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_first_start_installs_tells_and_goes_on_with_its_arguments(checkout: Checkout) -> None:
    out, err = checkout.run("user", "list")
    assert out == checkout.ran("1.0", "user", "list")
    assert "Installing 1 packages" in err
    assert "1/1 parcel" in err


def test_the_second_start_says_nothing(checkout: Checkout) -> None:
    checkout.run()
    assert checkout.run() == (checkout.ran("1.0"), "")


def test_a_changed_lock_file_is_installed(checkout: Checkout) -> None:
    checkout.run()
    checkout.lock("2.0")
    assert checkout.run()[0] == checkout.ran("2.0")


def test_two_starts_at_once_install_once(checkout: Checkout) -> None:
    ends = [process.communicate() for process in [checkout.start(), checkout.start()]]
    assert [out for out, _ in ends] == [checkout.ran("1.0")] * 2
    assert sum("Installing" in err for _, err in ends) == 1


def test_an_installation_that_was_broken_off_is_begun_again(checkout: Checkout) -> None:
    checkout.run()
    (checkout.venv / "installed").write_text("")
    for module in checkout.venv.rglob("parcel.py"):
        module.unlink()
    assert checkout.run()[0] == checkout.ran("1.0")


def test_an_environment_without_its_interpreter_is_repaired(checkout: Checkout) -> None:
    checkout.run()
    for python in (checkout.venv / "bin").glob("python*"):
        python.unlink()
    assert checkout.run()[0] == checkout.ran("1.0")


def test_no_bootstrap_refuses_to_install(checkout: Checkout) -> None:
    out, err = checkout.run("--no-bootstrap", code=1)
    assert out == ""
    assert err.count("\n") == 1
    assert "--no-bootstrap forbids" in err
    assert not checkout.venv.exists()


def test_no_bootstrap_runs_in_an_environment_that_is_ready(checkout: Checkout) -> None:
    checkout.run()
    assert checkout.run("--no-bootstrap", "version") == (checkout.ran("1.0", "version"), "")


def test_an_interpreter_that_has_everything_is_used_as_it_is(checkout: Checkout) -> None:
    checkout.run()
    elsewhere = checkout.folder.parent / "elsewhere"
    checkout.venv.rename(elsewhere)
    command = [str(elsewhere / "bin" / "python"), str(checkout.folder / "run.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"{elsewhere} 1.0\n", "")


def test_other_versions_will_do_with_no_bootstrap_alone(checkout: Checkout) -> None:
    checkout.run()
    elsewhere = checkout.folder.parent / "elsewhere"
    checkout.venv.rename(elsewhere)
    checkout.lock("2.0")
    command = [str(elsewhere / "bin" / "python"), str(checkout.folder / "run.py"), "--no-bootstrap"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"{elsewhere} 1.0\n", "")


def test_a_package_with_another_hash_is_refused_and_pip_says_why(checkout: Checkout) -> None:
    checkout.lock("1.0", sha256="0" * 64)
    _, err = checkout.run(code=1)
    assert "DO NOT MATCH THE HASHES" in err
    assert err.endswith("Start again once that is mended.\n")
    checkout.lock("1.0")
    assert checkout.run()[0] == checkout.ran("1.0")


def test_a_place_where_no_environment_can_be_is_told(checkout: Checkout) -> None:
    checkout.venv.write_text("a file")
    _, err = checkout.run(code=1)
    assert f"{checkout.venv} cannot be made" in err
    assert "Traceback" not in err


def test_without_pip_the_package_to_install_is_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = checkout.folder / "python-without-pip"
    python.write_text(
        f'#!/bin/sh\nif [ "$2" = pip ]; then echo "No module named pip"; exit 1; fi\nmkdir {checkout.venv}'
    )
    python.chmod(0o755)
    monkeypatch.setattr(installing, "_python", lambda: str(python))
    with pytest.raises(SystemExit) as end:
        installing.install_into(checkout.venv, checkout.folder / "requirements.lock", ["cpython-311", "hash"])
    assert end.value.code == 1
    assert capsys.readouterr().err.endswith("pip is missing: install it first (Debian: apt install python3-pip).\n")
    assert (checkout.venv / "installed").read_text() == ""


def test_a_python_that_is_too_old_is_told_so(checkout: Checkout) -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 8, 1); runpy.run_path('run.py', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=checkout.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "soju-actors needs Python 3.11 or newer; this is Python 3.8.\n"
