import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.cli.control import quote
from soju_actors.service.errors import CommandError
from soju_actors.service.words import Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("   ", []),
        ("network  create\t-addr x", ["network", "create", "-addr", "x"]),
        ('-realname "Alice A." -nick a', ["-realname", "Alice A.", "-nick", "a"]),
        ("-realname 'Alice \"A\" \\'", ["-realname", 'Alice "A" \\']),
        (r'"a \"quoted\" word" "back\\slash" "C:\dir"', ['a "quoted" word', "back\\slash", "C:\\dir"]),
        (r"Alice\ A. it\'s \\", ["Alice A.", "it's", "\\"]),
        ("joined'together'\"as one\"", ["joinedtogetheras one"]),
        ("\"\" x ''", ["", "x", ""]),
    ],
)
def test_text_is_split_as_a_shell_does(text: str, words: list[str]) -> None:
    assert Words(text).all() == words


@pytest.mark.parametrize("text", ["Bob's", 'say "hi', "last\\", '"a\\"'])
def test_an_open_quote_is_an_error(text: str) -> None:
    with pytest.raises(CommandError, match="quote is not closed"):
        Words(text).all()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("notice Don't panic", "Don't panic"),
        ("notice  two  spaces", "two  spaces"),
        ('notice "all of it"', "all of it"),
        ('notice "one" and two', '"one" and two'),
        ("notice", ""),
    ],
)
def test_the_rest_is_as_it_is_written_unless_all_of_it_is_quoted(text: str, rest: str) -> None:
    words = Words(text)
    words.next()
    assert words.rest() == rest
    assert words.next() is None


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])), max_size=5))
def test_words_that_the_command_line_quotes_come_back(words: list[str]) -> None:
    assert Words(" ".join(map(quote, words))).all() == words


@given(st.text())
def test_any_text_is_words_or_an_error(text: str) -> None:
    try:
        words = Words(text).all()
    except CommandError:
        return
    assert all(character in text for word in words for character in word)
