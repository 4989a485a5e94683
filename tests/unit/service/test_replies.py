from hypothesis import given
from hypothesis import strategies as st

from soju_actors.service.replies import LONGEST, fitting


def test_a_long_line_is_cut_at_a_space() -> None:
    lines = list(fitting(["word " * 100]))
    assert [len(line) <= LONGEST for line in lines] == [True, True]
    assert " ".join(lines) == ("word " * 100).rstrip()


def test_a_line_break_in_an_answer_becomes_a_space() -> None:
    """A reason may come from a database or a server."""
    assert list(fitting(["one\r\ntwo\0three", "", " \n"])) == ["one two three"]


@given(st.lists(st.text()))
def test_every_line_can_be_sent(lines: list[str]) -> None:
    for line in fitting(lines):
        assert 0 < len(line) <= LONGEST
        assert not set(line) & set("\0\r\n")
