from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.framing import FramingError, LineReader, LineTooLongError, encode_lines

_CHUNKS = st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"\0", b"\xff", "é".encode(), b"@t ", b"0123456789"]))


def _read(reader: LineReader, reads: list[bytes]) -> tuple[list[str], type[Exception] | None]:
    lines: list[str] = []
    for data in reads:
        try:
            lines += reader.receive(data)
        except FramingError as error:
            return [*lines, *error.lines], type(error)
    return lines, None


@given(_CHUNKS, st.lists(st.integers(0, 40)), st.booleans())
def test_lines_do_not_depend_on_how_the_bytes_are_split(chunks: list[bytes], cuts: list[int], lenient: bool) -> None:
    data = b"".join(chunks) + b"\n"
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    reads = [data[start:end] for start, end in pairwise(edges)]
    whole, pieces = (LineReader(24, tags=8, lenient=lenient) for _ in range(2))
    lines, error = _read(whole, [data])
    assert _read(pieces, reads) == (lines, error)
    assert whole.skipped == pieces.skipped
    assert not any(set(line) & set("\0\r\n") or not line for line in lines)
    assert error is None or not lenient


@given(st.lists(st.binary(min_size=1, max_size=30).filter(lambda line: not set(line) & set(b"\0\r\n"))))
def test_bytes_come_out_as_they_came_in(lines: list[bytes]) -> None:
    data = b"".join(line + b"\r\n" for line in lines)
    assert encode_lines(LineReader().receive(data)) == data


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_nothing_within_a_line_ends_it(lines: list[str]) -> None:
    data = encode_lines(lines)
    assert data.split(b"\r\n")[:-1] == [
        b"".join(bytes([32 if c in b"\0\r\n" else c]) for c in line.encode()) for line in lines
    ]


def test_a_line_may_come_in_two_reads() -> None:
    reader = LineReader()
    assert reader.receive(b"PING :\xc3") == []
    assert reader.buffered == 7
    assert reader.receive(b"\xa9\r\nPO") == ["PING :é"]
    assert reader.receive(b"NG\n\r\n\r\n") == ["PONG"]
    assert reader.buffered == 0


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        (b"x" * 510, True),
        (b"x" * 511, False),
        ("é".encode() * 255, True),
        ("é".encode() * 256, False),
        (b"@" + b"t" * 8189 + b" " + b"x" * 510, True),
        (b"@" + b"t" * 8190 + b" " + b"x" * 10, False),
        (b"@t " + b"x" * 511, False),
    ],
    ids=lambda value: repr(value[:8]) if isinstance(value, bytes) else str(value),
)
def test_a_client_has_512_bytes_and_8191_for_tags(line: bytes, fits: bool) -> None:
    """Spec: https://ircv3.net/specs/extensions/message-tags#size-limit."""
    reader = LineReader()
    if fits:
        assert len(reader.receive(line + b"\r\n")) == 1
    else:
        with pytest.raises(LineTooLongError) as raised:
            reader.receive(b"PING a\r\n" + line + b"\r\nPING b\r\n")
        assert raised.value.lines == ("PING a",)


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    reader = LineReader()
    reader.receive(b"x" * 8703)
    with pytest.raises(LineTooLongError):
        reader.receive(b"x")


@pytest.mark.parametrize("data", [b"a\0b\r\n", b"a\rb\r\n"])
def test_nul_and_stray_cr_of_a_client_are_refused(data: bytes) -> None:
    with pytest.raises(FramingError, match="NUL or CR") as raised:
        LineReader().receive(b"PING a\r\n" + data)
    assert raised.value.lines == ("PING a",)


def test_nul_and_stray_cr_of_a_server_are_removed() -> None:
    assert LineReader(lenient=True).receive(b"a\0b\rc\r\r\nd\n") == ["abc", "d"]


def test_an_endless_line_of_a_server_is_left_out() -> None:
    reader = LineReader(lenient=True)
    assert reader.receive(b"one\r\n" + b"x" * 9000) == ["one"]
    assert reader.receive(b"x" * 9000) == []
    assert reader.buffered == 0
    assert reader.receive(b"x\r\ntwo\r\n" + b"y" * 9000 + b"\r\nthree\r\n") == ["two", "three"]
    assert reader.skipped == 2


def test_a_server_may_send_long_lines_without_tags() -> None:
    assert len(LineReader(lenient=True).receive(b"x" * 4000 + b"\r\n")) == 1
