"""What hypothesis makes of IRC."""

from hypothesis import strategies as st

from soju_actors.irc.message import Message, format_tags

_NOT_UTF8 = st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF)
"""Bytes that are not UTF-8, as surrogateescape has them."""
_LINE = st.one_of(st.characters(codec="utf-8", exclude_characters="\0\r\n"), _NOT_UTF8)
_WORD = st.one_of(st.characters(codec="utf-8", exclude_characters="\0\r\n "), _NOT_UTF8)

texts = st.text(_LINE, max_size=40)
"""Any text that a line can hold."""
words = st.text(_WORD, min_size=1, max_size=12).filter(lambda word: word[0] != ":")
"""What can be a parameter in any place."""
commands = st.sampled_from(["PRIVMSG", "NOTICE", "JOIN", "MODE", "TAGMSG", "001", "353", "X-OWN"])
sources = st.one_of(st.just(""), st.text(_WORD, min_size=1, max_size=12))
tag_values = st.text(st.characters(exclude_characters="\0"), max_size=12)
tag_maps = st.dictionaries(st.text("abc-/+.", min_size=1, max_size=5), tag_values, max_size=4)
params = st.builds(lambda middle, last: (*middle, *last), st.lists(words, max_size=4), st.lists(texts, max_size=1))
messages = st.builds(Message, commands, params, sources, tag_maps.map(format_tags))
nicks = st.text("abcXYZ[]{}\\|^~09-_", min_size=1, max_size=9)
