"""What holds for all tests: nothing is skipped in CI, whole programs run one after the other, no deadlines."""

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

NO_SKIPS = os.environ.get("CI") == "true"
COLLECTED = pytest.StashKey[set[str]]()
"""The test functions of this run, before any are left out, as ``path::name``."""
LONGEST = ("nodes", "e2e")
"""The groups that take longest begin first. Then come the other slow tests; the fast ones fill what is left."""
COVERED = ("tests/contract/", "tests/unit/cli/")
"""Coverage makes tests about twice as slow. Of the slow ones it is measured in these, which no fast one stands for:
the others run code of ours in other processes, or play on what fast tests play too."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end, and so the garbage collector need not look at it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # xdist, which reads the groups, comes after
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of whole programs share the machine badly: one worker runs them all, unless they say otherwise.

    What only takes long has one for each file.
    """
    config.stash[COLLECTED] = {item.nodeid.partition("[")[0] for item in items}
    for item in items:
        programs = "e2e" in item.path.parts
        if programs:
            item.add_marker("e2e")
        if item.get_closest_marker("e2e"):
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group("e2e" if programs else item.path.stem))
            if not item.nodeid.startswith(COVERED):
                item.add_marker("no_cover")
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return when a test begins, where several workers run them."""
    group = item.get_closest_marker("xdist_group")
    if group and group.args[0] in LONGEST:
        return LONGEST.index(group.args[0])
    return len(LONGEST) + (item.get_closest_marker("e2e") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS and not hasattr(report, "wasxfail"):
        _fail_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIPS:
        _fail_skipped(report)
    return report


def _fail_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where nothing may be skipped, a skip is a failure."""
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped here: {report.longrepr[2]}"
