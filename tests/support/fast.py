"""Which cases of a test are among the fast ones."""

from collections.abc import Iterable
from typing import Any

import pytest


def fast_first(cases: Iterable[Any], fast: int = 1) -> list[Any]:
    """Return cases of which the first are fast; the others, more of the same, are slow."""
    return [
        case if at < fast else pytest.param(case, marks=[pytest.mark.e2e], id=str(case))
        for at, case in enumerate(cases)
    ]
