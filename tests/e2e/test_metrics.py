"""What a bouncer does, as Prometheus reads it."""

import asyncio
from pathlib import Path
from urllib.request import urlopen

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.support.daemon import Daemon
from tests.support.ports import free_port


async def test_what_a_bouncer_does_can_be_read(folder: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    async with Daemon(folder, tables={"metrics": {"listen": address}}) as bouncer:
        await bouncer.start()
        active, found = 0.0, dict[str, Metric]()
        async with asyncio.timeout(20):
            while not active:  # users are loaded first
                text = await asyncio.to_thread(lambda: urlopen(f"http://{address}/metrics", timeout=20).read().decode())
                found = {family.name: family for family in text_string_to_metric_families(text)}
                active = found["soju_users_active"].samples[0].value
        assert active == 1, "admin, of the first start"
        assert {sample.labels["kind"] for sample in found["soju_actors"].samples} >= {"store", "registry", "listener"}
        assert any(sample.value > 0 for sample in found["soju_messages_sent"].samples)
        assert any(sample.value > 0 for sample in found["soju_sent_bytes"].samples)
        pairs = {
            (sample.labels["sender"], sample.labels["receiver"]) for sample in found["soju_top_pair_bytes"].samples
        }
        assert any("registry" in pair for pair in pairs)
        for name in ("messages", "seconds", "mailbox_mean", "mailbox_deepest", "turn_seconds", "pair_messages"):
            assert f"soju_top_{name}" in found
        assert "soju_leases_held" not in found


async def test_a_bouncer_whose_metrics_nobody_could_read_does_not_start(folder: Path) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with Daemon(folder, tables={"metrics": {"listen": f"127.0.0.1:{port}"}}) as bouncer:
        await bouncer.program.start()
        assert await bouncer.program.ended() == 1
        assert any(f"cannot listen on 127.0.0.1:{port} for metrics: " in line for line in bouncer.log.lines)
    taken.close()
