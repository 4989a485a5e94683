"""Any string survives as a column of text."""

from hypothesis import given
from hypothesis import strategies as st

from soju_actors.adapters.database.packing import pack, unpack

strings = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0\r\n0dé") | st.sampled_from("\udc80\udcff")
)


@given(strings)
def test_what_is_packed_is_unpacked_and_every_database_takes_it(text: str) -> None:
    packed = pack(text)
    assert unpack(packed) == text
    assert "\0" not in packed
    assert "\n" not in packed
    packed.encode()


@given(st.lists(strings))
def test_different_strings_are_packed_differently(texts: list[str]) -> None:
    assert len(set(map(pack, texts))) == len(set(texts))


def test_most_text_is_stored_as_it_is() -> None:
    assert pack("#Käse-[1]") == "#Käse-[1]"
