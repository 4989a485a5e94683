from hypothesis import given
from hypothesis import strategies as st

from soju_actors.service.replies import LONGEST, WIDTH, aligned, fitting, listed, wrapped


def size(line: str) -> int:
    return len(line.encode("utf-8", "surrogateescape"))


def test_a_long_line_is_cut_at_a_space() -> None:
    lines = list(fitting(["word " * 100]))
    assert [len(line) <= LONGEST for line in lines] == [True, True]
    assert " ".join(lines) == ("word " * 100).rstrip()


def test_letters_of_several_bytes_count_as_what_they_are() -> None:
    """An IRC line has 512 bytes, not characters; no letter is cut in two."""
    lines = list(fitting(["\u00e4" * 500, "\U0001f600" * 200, "\udcff" * 400]))
    assert max(map(size, lines)) <= LONGEST
    assert "".join(lines) == "\u00e4" * 500 + "\U0001f600" * 200 + "\udcff" * 400
    assert size(lines[0]) > LONGEST - 4


def test_a_line_break_in_an_answer_becomes_a_space() -> None:
    """A reason may come from a database or a server."""
    assert list(fitting(["one\r\ntwo\0three", "", " \n"])) == ["one two three"]


@given(st.lists(st.text()))
def test_every_line_can_be_sent(lines: list[str]) -> None:
    for line in fitting([text * 30 for text in lines]):
        assert 0 < size(line) <= LONGEST
        assert not set(line) & set("\0\r\n")


@given(st.text("ab ", max_size=2000))
def test_nothing_but_spaces_is_lost(text: str) -> None:
    assert "".join(fitting([text])).replace(" ", "") == text.replace(" ", "")


def test_prose_is_wrapped_and_hangs() -> None:
    lines = wrapped("word " * 30, "  ", "    ")
    assert lines[0].startswith("  word")
    assert all(line.startswith("    word") for line in lines[1:])
    assert max(map(len, lines)) <= WIDTH


def test_names_stand_in_a_column_and_long_ones_by_themselves() -> None:
    assert list(listed([("a", "one"), ("bb", "two"), ("c" * 21, "three"), ("d", "")])) == [
        "  a   one",
        "  bb  two",
        f"  {'c' * 21}",
        "      three",
        "  d",
    ]


def test_the_columns_of_rows_stand_one_below_the_other() -> None:
    assert list(aligned([("a", "long one", "x y"), ("bbb", "b", ""), ("", "", "z")])) == [
        "a    long one  x y",
        "bbb  b",
        "               z",
    ]
    assert list(aligned([])) == []
