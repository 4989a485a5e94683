"""MONITOR on a real server, whose list is shorter than what the clients ask for (rows CMD-23, CCH-04).

Spec: https://ircv3.net/specs/extensions/monitor
Spec: https://ircv3.net/specs/extensions/extended-monitor
"""

from pathlib import Path

import pytest

from tests.e2e.scene import scene
from tests.support.ircclient import IrcClient, Login
from tests.support.servers import InspIRCd

pytestmark = pytest.mark.e2e
LIMIT = 30
"""The server's own."""


async def test_clients_share_the_list_of_a_server(tmp_path: Path) -> None:
    async with (
        scene(tmp_path, InspIRCd(tmp_path / "server")) as stage,
        await stage.attach("one", caps=["away-notify", "extended-monitor"]) as one,
        await stage.attach("two", caps=["away-notify"]) as two,
    ):
        await one.expect(rf" 005 .*\bMONITOR={LIMIT}\b")
        nicks = [f"nobody{number}" for number in range(LIMIT - 1)]
        one.send(*(f"MONITOR + {nick}" for nick in nicks))
        await one.expect(r" 731 \S+ :\S*\bnobody28\b")
        two.send("MONITOR + stranger,friend,nobody1")
        await two.expect(r" 731 \S+ :nobody1$")
        await two.expect(r" 731 \S+ :stranger$")
        await two.expect(rf" 734 \S+ {LIMIT} friend :")
        one.send("MONITOR - nobody0", "MONITOR + stranger")
        await one.expect(r" 731 \S+ :stranger$")
        await two.expect(r" 730 \S+ :friend\b")
        async with await IrcClient.connect(stage.server.endpoint, Login("stranger")) as stranger:
            await one.expect(r" 730 \S+ :stranger\b")
            await two.expect(r" 730 \S+ :stranger\b")
            stranger.send("AWAY :lunch")
            await one.expect(r"^:stranger!\S+ AWAY :?lunch$")
        await one.expect(r" 731 \S+ :stranger$", count=2)
        await two.expect(r" 731 \S+ :stranger$", count=2)
        await two.round_trip()
        assert two.heard.matching(r"^:stranger!\S+ AWAY") == []
