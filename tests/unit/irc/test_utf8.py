import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.utf8 import as_utf8


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"hello", "hello"),
        ("café €".encode(), "café €"),
        (b"caf\xe9 \x80 \xe4\xf6\xfc", "café € äöü"),
        ("é".encode() + b"\xe9", "éé"),
        (b"\x81\xe9", "\ufffdé"),
        (b"\xf0\x9f\x98", "ð\u0178\u02dc"),
    ],
)
def test_what_is_not_utf8_is_taken_for_windows_1252(data: bytes, text: str) -> None:
    assert as_utf8(data.decode("utf-8", "surrogateescape")) == text


@given(st.binary())
def test_the_result_is_utf8_and_utf8_stays(data: bytes) -> None:
    text = as_utf8(data.decode("utf-8", "surrogateescape"))
    assert as_utf8(text) == text
    text.encode()
    for part in (b"\0", b"\r", b"\n"):
        assert text.count(part.decode()) == data.count(part)
