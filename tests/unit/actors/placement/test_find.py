"""Strategies by name, from packages and from files."""

from pathlib import Path

import pytest

from actors.placement import BUILT_IN
from actors.placement.find import NoStrategyError, find_strategy, listed

MINE = '''"""Mine."""
from actors.placement import Choice, Strategy
def first(request, candidates, view, chance):
    """The first one."""
    return Choice(candidates[0].name, "it is the first")
STRATEGY = Strategy("named", "with a name", first)
NUMBER = 3
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that brings strategies."""
    (tmp_path / "quiet_places.py").write_text(MINE)
    info = tmp_path / "quiet_places-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quiet-places\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[soju_actors.placement]\n"
        "quiet = quiet_places:first\nbroken = quiet_places:NUMBER\nlocal = quiet_places:first\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("reference", "name", "about"),
    [
        ("local", "local", "where it is asked for, or as near to it as can be"),
        ("quiet", "quiet", "The first one"),
        ("quiet_places:first", "quiet_places:first", "The first one"),
        ("quiet_places:STRATEGY", "named", "with a name"),
        ("{}/quiet_places.py:first", "{}/quiet_places.py:first", "The first one"),
    ],
)
def test_a_strategy_is_found(installed: Path, reference: str, name: str, about: str) -> None:
    strategy = find_strategy(reference.format(installed))
    assert (strategy.name, strategy.about) == (name.format(installed), about)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("quite", "there is no strategy quite; there are local, random, "),
        ("broken", "broken is 3, neither a Strategy nor a function"),
        ("quiet_places:second", "quiet_places has no second"),
        ("no_such_module:first", "no_such_module cannot be loaded: ModuleNotFoundError: "),
        ("no/such/file.py:first", "no/such/file.py cannot be loaded: there is no file "),
        ("mine.py", "mine.py is a file: name a Strategy or a function in it, too, as mine.py:STRATEGY"),
    ],
)
def test_a_strategy_is_not_found(installed: Path, reference: str, why: str) -> None:
    del installed
    with pytest.raises(NoStrategyError) as raised:
        find_strategy(reference)
    assert str(raised.value).startswith(why)


def test_those_of_packages_are_listed_after_the_built_in_ones(installed: Path) -> None:
    del installed
    found = {item.name: item for item in listed()}
    assert list(found)[: len(BUILT_IN)] == list(BUILT_IN)
    assert (found["quiet"].about, found["quiet"].source) == ("The first one", "quiet-places")
    assert found["broken"].about.startswith("cannot be used: broken is 3")
    assert found["local"].source == ""
