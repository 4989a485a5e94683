"""The lock files have all that their packages need: they are installed without a look at dependencies."""

from importlib import metadata
from pathlib import Path

import pytest
import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from soju_actors.bootstrap import LOCK, PINNED, ROOT, TEST_LOCK

PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN = PROJECT["dependencies"]
TEST = RUN + PROJECT["optional-dependencies"]["test"]


def versions(lock: Path) -> dict[str, str]:
    """The versions in a lock file, by name."""
    return {canonicalize_name(name): version for name, version, _ in PINNED.findall(lock.read_text())}


def needs_of(need: Requirement) -> list[Requirement]:
    """What an installed package needs on this platform, with the extras that are asked of it."""
    required = map(Requirement, metadata.requires(need.name) or ())
    environments = [{"extra": extra} for extra in (*need.extras, "")]
    return [other for other in required if not other.marker or any(map(other.marker.evaluate, environments))]


@pytest.mark.parametrize(("lock", "wanted"), [(LOCK, RUN), (TEST_LOCK, TEST)], ids=["run", "test"])
def test_a_lock_file_is_complete(lock: Path, wanted: list[str]) -> None:
    locked = versions(lock)
    waiting = [need for need in map(Requirement, wanted) if not need.marker or need.marker.evaluate()]
    seen: set[str] = set()
    while waiting:
        need = waiting.pop()
        version = locked[canonicalize_name(need.name)]
        assert need.specifier.contains(version, prereleases=True), f"{lock.name} has {need.name} {version}, not {need}"
        if str(need) not in seen:
            seen.add(str(need))
            waiting += needs_of(need)


def test_the_lock_file_for_tests_has_all_of_the_other_one() -> None:
    assert versions(LOCK).items() <= versions(TEST_LOCK).items()
