"""Credit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import Window


def test_so_many_batches_and_no_more() -> None:
    window = Window(2)
    assert [window.take() for _ in range(3)] == [True, True, False]
    assert not window.open
    window.give()
    assert window.open
    assert window.take()


@pytest.mark.parametrize("n", [2, -1])
def test_what_was_not_taken_cannot_be_given(n: int) -> None:
    window = Window(5, under_way=1)
    with pytest.raises(ValueError, match=f"{n} acknowledged, but 1 under way"):
        window.give(n)
    assert window.under_way == 1


@given(st.integers(0, 10), st.lists(st.booleans()))
def test_never_more_is_under_way_than_the_limit(limit: int, steps: list[bool]) -> None:
    window = Window(limit)
    for take in steps:
        if take:
            was_open = window.open
            assert window.take() is was_open
        elif window.under_way:
            window.give()
        assert 0 <= window.under_way <= limit
        assert window.open is (window.under_way < limit)
