"""SIGHUP: the configuration is read again, connections stay (rows CLI-11, OPS-13, CFG-05, CFG-15)."""

import shutil
import ssl
from pathlib import Path

import pytest

from tests.e2e.scene import PASSWORD, USER, login
from tests.support.certificates import Certificate
from tests.support.daemon import Daemon, UserFile
from tests.support.ircclient import Endpoint, IrcClient
from tests.support.ports import free_port

AGAIN = "INFO soju_actors: the configuration was read again"
WRONG = "WARNING soju_actors: the configuration was not read again: "


async def connect(endpoint: Endpoint) -> IrcClient:
    """Log in, on no network."""
    return await IrcClient.connect(endpoint, login(network=""))


async def welcome(endpoint: Endpoint) -> list[str]:
    """Log in and leave; return what was said."""
    async with await connect(endpoint) as client:
        await client.quit()
        return client.heard.lines


async def test_listeners_come_and_go_and_connections_stay(folder: Path) -> None:
    """Better than soju, where the listeners are those of the start."""
    old, new, path = Endpoint(free_port()), Endpoint(free_port()), folder / "irc.sock"
    listen = [f"irc+insecure://127.0.0.1:{old.port}", f"unix://{path}"]
    async with Daemon(folder / "bouncer", listen=listen) as bouncer:
        await bouncer.provision(UserFile(USER, [], PASSWORD))
        await bouncer.start()
        kept = [await connect(endpoint) for endpoint in (bouncer.endpoint, old, Endpoint(path=path))]
        bouncer.listen[1:] = [f"irc+insecure://127.0.0.1:{new.port}"]
        bouncer.configure()
        await bouncer.reload(AGAIN)
        await bouncer.log.expect(f"listening on .*:{new.port} ")
        for endpoint in (bouncer.endpoint, new):
            await welcome(endpoint)
        for gone in (old, Endpoint(path=path)):
            with pytest.raises(OSError, match=r"Errno 111|No such file"):
                await gone.open()
        for client in kept:
            await client.round_trip()
            await client.quit()


async def test_a_renewed_certificate_is_shown_to_new_connections(folder: Path) -> None:
    """Row CFG-05; one that cannot be used, such as a half that was renewed, changes nothing."""
    first, second, third = (Certificate.make(folder, f"{name}.test") for name in ("first", "second", "third"))
    used = Certificate(folder / "used.pem", folder / "used.key")
    port = free_port()

    def put(chain: Certificate, key: Certificate) -> None:
        shutil.copy(chain.chain, used.chain)
        shutil.copy(key.key, used.key)

    put(first, first)
    tables = {"tls": {"certificate": str(used.chain), "key": str(used.key)}}
    async with Daemon(folder / "bouncer", listen=[f"ircs://127.0.0.1:{port}"], tables=tables) as bouncer:
        await bouncer.provision(UserFile(USER, [], PASSWORD))
        await bouncer.start()
        async with await connect(Endpoint(port, tls=first.trust)) as old:
            put(second, second)
            await bouncer.reload(AGAIN)
            await bouncer.log.expect(f" listening on ircs://127.0.0.1:{port} ", count=2)
            await welcome(Endpoint(port, tls=second.trust))
            with pytest.raises(ssl.SSLCertVerificationError):
                await Endpoint(port, tls=first.trust).open()
            put(third, second)
            await bouncer.reload(rf"{WRONG}{bouncer.config}:\d+: tls.certificate: .* do not belong together")
            await welcome(Endpoint(port, tls=second.trust))
            await old.round_trip()


async def test_a_broken_configuration_keeps_the_old_one_and_says_where(folder: Path) -> None:
    """Row CLI-11: with the line and the key; what is right again counts."""
    motd = folder / "motd"
    motd.write_text("the first\n")
    async with Daemon(folder / "bouncer") as bouncer:
        await bouncer.provision(UserFile(USER, [], PASSWORD))
        await bouncer.start()
        async with await connect(bouncer.endpoint) as kept:
            bouncer.configure(motd=str(motd))
            await bouncer.reload(AGAIN)
            assert [line for line in await welcome(bouncer.endpoint) if line.endswith("372 u1 :- the first")]
            motd.write_text("the second\n")
            sound = bouncer.config.read_text()
            for text, complaint in (
                (sound.replace("connections_per_address", "conections_per_address"), "limits.conections_per_address: "),
                (sound.replace("= 30000", "= 0"), "limits.connections_per_address: "),
                (sound.replace("irc+insecure://", "irc://"), r"listen\[1\].uri: "),
                (sound.replace("[limits]", "[limits"), "is not TOML: .*line"),
                (sound.replace(str(motd), "nowhere"), "motd: there is no file "),
            ):
                bouncer.config.write_text(text)
                await bouncer.reload(rf"{WRONG}{bouncer.config}:(\d+)?:? {complaint}")
            bouncer.config.unlink()
            await bouncer.reload(f"{WRONG}{bouncer.config}: cannot be read: No such file")
            assert [line for line in await welcome(bouncer.endpoint) if line.endswith("372 u1 :- the first")]
            bouncer.config.write_text(sound)
            await bouncer.reload(AGAIN)
            assert [line for line in await welcome(bouncer.endpoint) if line.endswith("372 u1 :- the second")]
            bouncer.config.write_text(sound.replace("soju.db", "other.db").replace("/data", "/elsewhere"))
            await bouncer.reload(AGAIN)
            assert not bouncer.log.matching("has no dot")
            bouncer.config.write_text(bouncer.config.read_text().replace("bouncer.test", "bouncer"))
            await bouncer.reload("WARNING soju_actors: the hostname 'bouncer' has no dot")
            for key in ("data_dir", "database.url"):
                await bouncer.log.expect(f"WARNING .* {key} counts from the next start")
            await kept.round_trip()
            assert not (bouncer.folder / "elsewhere").exists()
