"""Stages for dialogs: each is played on the inline engine, on several of them as nodes, and on the node engine."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.stages import AnyStage, DaemonStage, InlineStage, NodeStage
from tests.support.spread import Spread
from tests.support.world import Nodes, Setting, World

SetStage = Callable[..., AnyStage]
SetInline = Callable[..., InlineStage]

SPREAD: dict[str, Nodes] = {
    "inline-2-moving": partial(Spread, "ab", groups=True, restless="user/alice"),
    "inline-3": partial(Spread, "abc"),
}
"""Stages of several nodes; on one of them, the user moves back and forth meanwhile."""
SPREAD_IN_FAST = {"test_talk.py", "test_queries.py", "test_cursors.py", "test_session.py"}
"""Dialogs that the fast part of the suite plays on three nodes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most dialogs on several nodes to the slow part of the suite; any worker runs them."""
    for item in items:
        stage = item.callspec.params.get("engine") if hasattr(item, "callspec") else None
        if stage in SPREAD and (stage != "inline-3" or item.path.name not in SPREAD_IN_FAST):
            item.add_marker("e2e")
            item.add_marker(pytest.mark.xdist_group(f"{stage} {item.path.name}"))


everywhere = pytest.mark.parametrize(
    "engine", ["inline", *SPREAD, "node", pytest.param("daemon", marks=pytest.mark.e2e)], indirect=True
)
"""For dialogs that are played against a daemon too."""


@pytest.fixture(params=["inline", *SPREAD, "node"])
def engine(request: pytest.FixtureRequest) -> str:
    """What the bouncer runs on."""
    name: str = request.param
    return name


@pytest.fixture
def no_faults(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No actor fails, and nothing else is an error of the bouncer's."""
    yield
    faults = [record for when in ("setup", "call") for record in caplog.get_records(when) if _is_fault(record)]
    assert [record.getMessage() for record in faults] == []


def _is_fault(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


@pytest.fixture
def set_stage(engine: str, tmp_path: Path, no_faults: None) -> Iterator[SetStage]:  # noqa: ARG001 - it looks at the log
    """Return what sets the stage, given the fields of its :class:`Setting`."""
    stages: list[AnyStage] = []

    def make(**fields: Any) -> AnyStage:  # noqa: ANN401 - the fields of Setting
        setting = Setting(**fields)
        match engine:
            case "inline":
                stage: AnyStage = InlineStage(World(setting))
            case _ if engine in SPREAD:
                stage = InlineStage(World(setting, seed=3, nodes=SPREAD[engine]))
            case "node":
                stage = NodeStage(setting, tmp_path)
            case _:
                stage = DaemonStage(setting, tmp_path)
        stages.append(stage)
        stage.script()
        return stage

    yield make
    for stage in stages:
        stage.close()


@pytest.fixture
def set_inline(no_faults: None) -> SetInline:  # noqa: ARG001 - it looks at the log
    """Return what sets the stage in virtual time, where tests can let it pass."""

    def make(**fields: Any) -> InlineStage:  # noqa: ANN401 - the fields of Setting
        stage = InlineStage(World(Setting(**fields)))
        stage.script()
        return stage

    return make
