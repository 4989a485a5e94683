"""The time and the line of a message, as they are stored and shown (row UP-34)."""

import pytest

from soju_actors.irc.message import parse_message
from soju_actors.user.stamps import stamped

NOW = 1_700_000_000.25
STAMP = "2023-11-14T22:13:20.250Z"


@pytest.mark.parametrize(
    ("line", "time", "shown"),
    [
        (":b!b@h PRIVMSG #a :x", 1_700_000_000_250, f"@time={STAMP} :b!b@h PRIVMSG #a :x"),
        ("@msgid=1 :b!b@h PRIVMSG #a :x", 1_700_000_000_250, f"@time={STAMP};msgid=1 :b!b@h PRIVMSG #a :x"),
        ("@time=2024-01-01T00:00:00.123Z :b PRIVMSG #a x", 1_704_067_200_123, None),
        ("@time=2024-01-01T00:00:00.123Z;msgid=1 :b PRIVMSG #a  x", 1_704_067_200_123, None),
        ("@msgid=1;time=2024-01-01T00:00:00.123Z  :b PRIVMSG #a x", 1_704_067_200_123, None),
        ("@time=2024-01-01T00:00:00Z :b PRIVMSG #a x", 1_704_067_200_000, None),
        ("@time=nonsense :b PRIVMSG #a x", 1_700_000_000_250, f"@time={STAMP} :b PRIVMSG #a x"),
        ("@time=;msgid=1 :b PRIVMSG #a x", 1_700_000_000_250, f"@time={STAMP};msgid=1 :b PRIVMSG #a x"),
        (
            "@mytime=2024-01-01T00:00:00Z :b PRIVMSG #a x",
            1_700_000_000_250,
            f"@time={STAMP};mytime=2024-01-01T00:00:00Z :b PRIVMSG #a x",
        ),
        (
            "@label=1;batch=2;time=2024-01-01T00:00:00.123Z :b PRIVMSG #a x",
            1_704_067_200_123,
            "@time=2024-01-01T00:00:00.123Z :b PRIVMSG #a x",
        ),
        ("@batch=2 :b PRIVMSG #a x", 1_700_000_000_250, f"@time={STAMP} :b PRIVMSG #a x"),
        ("@mylabel=1 :b PRIVMSG #a x", 1_700_000_000_250, f"@time={STAMP};mylabel=1 :b PRIVMSG #a x"),
        ("@x=a\\sb\\:c;label=2 :b PRIVMSG #a x", 1_700_000_000_250, f"@time={STAMP};x=a\\sb\\:c :b PRIVMSG #a x"),
    ],
)
def test_a_message_has_the_servers_time_or_that_of_now(line: str, time: int, shown: str | None) -> None:
    """The rest of the line stays as it was, but for labels and batches of the connection."""
    assert stamped(parse_message(line), NOW) == (time, line if shown is None else shown)
