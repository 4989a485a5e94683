"""Reading the numbered channel's history out of the bouncer, as a client does."""

import re

from tests.support.ircclient import Endpoint, IrcClient, Login
from tests.support.numbered import CHANNEL, numbers_in

PAGE = 1000
CAPS = ("draft/chathistory", "batch", "message-tags", "server-time")


async def read_history(bouncer: Endpoint) -> list[int]:
    """Return the numbers of all lines that the user u1 has of the numbered channel, page by page.

    Spec: https://ircv3.net/specs/extensions/chathistory
    """
    read: list[int] = []
    async with await IrcClient.connect(bouncer, Login("u1", "u1/net@reader", "pw-Secret1"), caps=CAPS) as reader:
        after = "timestamp=1970-01-01T00:00:00.000Z"
        while after:
            since = reader.heard.here
            reader.send(f"CHATHISTORY AFTER {CHANNEL} {after} {PAGE}")
            start = await reader.expect(rf"(^| )BATCH \+\S+ chathistory {CHANNEL}", since=since)
            batch = re.escape(start.split("BATCH +")[1].split(" ")[0])
            await reader.expect(rf"(^| )BATCH -{batch}$", since=since)
            page = numbers_in(line for line in reader.heard.lines[since:] if re.match(rf"@\S*batch={batch}\b", line))
            read += page
            after = f"msgid=n{page[-1]}" if page else ""
    return read
