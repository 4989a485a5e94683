"""What a message says, and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.adapters.database.words import LONGEST, text_of, words_of


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (":a!b@c PRIVMSG #d :hello there", "hello there"),
        ("PRIVMSG #d hello", "hello"),
        ("PRIVMSG #d hello there", "hello"),
        ("@time=x;msgid=y :a!b@c PRIVMSG #d ::-)", ":-)"),
        ("@a  :b  PRIVMSG  #d  :two  spaces", "two  spaces"),
        (":a PRIVMSG #d :", ""),
        (":a PRIVMSG #d", ""),
        ("PRIVMSG", ""),
        ("", ""),
        (":a PRIVMSG #d :\x01ACTION waves\x01", "waves"),
        (":a PRIVMSG #d :\x01ACTION waves", "waves"),
        (":a PRIVMSG #d :\x01ACTION\x01", ""),
        (":a PRIVMSG #d :\x01PING 1\x01", ""),
        (":a PRIVMSG #d :\x02b\x1di\x1fu\x1es\x11m\x16r\x0fo", "biusmro"),
        (":a PRIVMSG #d :\x0312,1two\x033one\x03none\x03,5comma", "twoonenone,5comma"),
        (":a PRIVMSG #d :\x04ff0000,00FF00hex\x04none", "hexnone"),
    ],
)
def test_the_text_of_a_line(line: str, text: str) -> None:
    assert text_of("PRIVMSG", line) == text
    assert text_of("NOTICE", line) == text
    assert text_of("TOPIC", line) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, hello WORLD", ("hello", "world")),
        ("under_score-dash.dot/slash", ("under", "score", "dash", "dot", "slash")),
        ("Crème Brûlée Straße", ("creme", "brulee", "strasse")),
        ("ПРИВЕТ мир", ("привет", "мир")),
        ("हिन्दी", ("हिनदी",)),
        ("漢字かな", ("漢", "字", "か", "な")),
        ("no“quotes”here…", ("no", "quotes", "here")),
        ("€5 ☺👍🏽", ("€", "5", "☺", "👍", "🏽")),
        ("x\udcfcy", ("x", "y")),
        ("?!", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_text(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@given(st.text())
def test_words_are_what_every_index_takes_as_one(text: str) -> None:
    for word in words_of(text):
        assert 0 < len(word) <= LONGEST
        assert words_of(word) == (word,)
        assert not any(character.isspace() or (character.isascii() and not character.isalnum()) for character in word)
        word.encode()
