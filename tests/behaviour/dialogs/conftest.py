"""Stages for dialogs: each is played on the inline engine and on the node engine."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.stages import AnyStage, DaemonStage, InlineStage, NodeStage
from tests.support.world import Setting

Raise = Callable[..., AnyStage]


@pytest.fixture(params=["inline", "node"])
def engine(request: pytest.FixtureRequest) -> str:
    """What the bouncer runs on."""
    name: str = request.param
    return name


@pytest.fixture
def stage(engine: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Raise]:
    """Return what makes the stage, given the fields of its :class:`Setting`; no actor may fail on it."""
    stages: list[AnyStage] = []

    def make(**fields: Any) -> AnyStage:  # noqa: ANN401 - the fields of Setting
        setting = Setting(**fields)
        match engine:
            case "inline":
                made: AnyStage = InlineStage(setting)
            case "node":
                made = NodeStage(setting, tmp_path)
            case _:
                made = DaemonStage(setting, tmp_path)
        stages.append(made)
        made.script()
        return made

    yield make
    for made in stages:
        made.close()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
