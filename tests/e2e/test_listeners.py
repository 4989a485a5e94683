"""Ways in: PASS and SASL, TLS and Unix sockets; and TLS on the way to the server."""

import ssl
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.scene import PASSWORD, ROOM, USER, Scene, login, scene, user
from tests.support.certificates import Certificate
from tests.support.daemon import Daemon, UserFile
from tests.support.ircclient import Endpoint, IrcClient, Login
from tests.support.ports import free_port
from tests.support.servers import InspIRCd, NgIRCd, Server


async def answers(bouncer: Daemon, endpoint: Endpoint, who: Login) -> None:
    """Check that a client can log in and that the bouncer answers it."""
    async with await IrcClient.connect(endpoint, who) as client:
        await client.round_trip()
        assert client.heard.matching(rf"^:\S+ 001 {USER}\S* "), bouncer.log.report("the client was not welcomed")


async def test_each_listener_and_each_way_to_log_in(folder: Path) -> None:
    """Rows LSN-01 to LSN-05, PRE-01, PRE-03; a certificate is made where none is set."""
    tls_port, path, admin = free_port(), folder / "irc.sock", folder / "admin.sock"
    listen = [f"ircs://127.0.0.1:{tls_port}", f"unix://{path}", f"unix+admin://{admin}"]
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    trusting.set_alpn_protocols(["irc"])
    async with Daemon(folder / "bouncer", listen=listen) as bouncer:
        await bouncer.provision(UserFile(USER, [], PASSWORD))
        await bouncer.start()
        for endpoint in (bouncer.endpoint, Endpoint(tls_port, tls=trusting), Endpoint(path=path)):
            for sasl in (False, True):
                await answers(bouncer, endpoint, login(network="", sasl=sasl))
        assert [stat.S_IMODE(socket.stat().st_mode) for socket in (path, admin)] == [0o775, 0o600]
        async with await IrcClient.open("TLS", Endpoint(tls_port, tls=trusting)) as client:
            assert client.protocol == "irc"
        async with await IrcClient.open("the admin", Endpoint(path=admin)) as client:
            client.send("BOUNCERSERV :user status")
            await client.expect("^BOUNCERSERV OK")
            assert client.heard.matching(f"PRIVMSG .*{USER}")


@pytest.mark.parametrize(("sasl", "answer"), [(False, "464"), (True, "904")])
async def test_a_wrong_password_is_refused(folder: Path, sasl: bool, answer: str) -> None:
    """Rows PRE-06 and PRE-12: a numeric that says so; by PASS the connection ends as well."""
    async with Daemon(folder / "bouncer") as bouncer:
        await bouncer.provision(UserFile(USER, [], PASSWORD))
        await bouncer.start()
        async with await IrcClient.open("intruder", bouncer.endpoint) as client:
            wrong = replace(login(network="", sasl=sasl), password="guess")
            with pytest.raises(AssertionError):
                await client.register(wrong)
            await client.expect(rf"^:\S+ {answer} ")
            assert not client.heard.matching(r"^:\S+ 001 ")
            if not sasl:
                await client.heard.until_ended()


async def test_a_new_password_ends_the_sessions_of_the_old_one(folder: Path) -> None:
    """Row SVC-21."""
    async with Daemon(folder / "bouncer") as bouncer:
        await bouncer.provision(UserFile(USER, [], PASSWORD))
        await bouncer.start()
        async with await IrcClient.connect(bouncer.endpoint, login(network="")) as client:
            await bouncer.cli("user", "password", USER, entered="another-Secret2")
            await client.expect("^ERROR :")
            await client.heard.until_ended()
        await answers(bouncer, bouncer.endpoint, replace(login(network=""), password="another-Secret2"))


@pytest.mark.parametrize("kind", [InspIRCd, NgIRCd])
async def test_a_pinned_certificate_is_trusted(folder: Path, kind: type[Server]) -> None:
    """Row DBT-02: a fingerprint replaces the check of authorities."""
    certificate = Certificate.make(folder, "irc.one.test")
    async with kind(folder / "server", certificate=certificate) as server, Daemon(folder / "bouncer") as bouncer:
        await bouncer.provision(user(server, addr=f"ircs://127.0.0.1:{server.tls_port}", certfp=certificate.pin))
        async with await IrcClient.connect(server.endpoint, Login("friend")) as friend:
            await friend.join(ROOM)
            await bouncer.start()
            stage = Scene(server, bouncer, friend)
            await stage.until_user_joins()
            async with await stage.attach() as client:
                await stage.say("said 1")
                await client.expect("said 1$")


async def test_a_certificate_that_is_not_the_pinned_one_is_refused_and_shown(folder: Path) -> None:
    """The person gets what has to be compared: the fingerprint that the server has."""
    certificate = Certificate.make(folder, "irc.one.test")
    async with NgIRCd(folder / "server", certificate=certificate) as server, Daemon(folder / "bouncer") as bouncer:
        pin = f"sha-256:{'0' * 64}"
        await bouncer.provision(user(server, addr=f"ircs://127.0.0.1:{server.tls_port}", certfp=pin))
        await bouncer.start()
        async with await IrcClient.connect(bouncer.endpoint, login()) as client:
            await client.expect(certificate.pin.removeprefix("sha-256:"))
        assert not server.program.output.matching(rf'User "{USER}!')


async def test_a_server_that_no_authority_vouches_for_is_refused(folder: Path) -> None:
    """Without a pin, certificates are checked as usual."""
    certificate = Certificate.make(folder, "irc.one.test")
    async with NgIRCd(folder / "server", certificate=certificate) as server, Daemon(folder / "bouncer") as bouncer:
        await bouncer.provision(user(server, addr=f"ircs://127.0.0.1:{server.tls_port}"))
        await bouncer.start()
        async with await IrcClient.connect(bouncer.endpoint, login()) as client:
            await client.expect("(?i)certificate")
        assert not server.program.output.matching(rf'User "{USER}!')


async def test_a_network_declared_while_the_bouncer_runs_connects_at_once(folder: Path, server: Server) -> None:
    """The command tells the running bouncer; nothing has to be restarted."""
    async with scene(folder, server, channels=()) as stage:
        since = stage.friend.heard.here
        reported = await stage.bouncer.provision(user(server), UserFile("u2", user(server).networks))
        assert reported, "provision reports what changed"
        await stage.friend.expect(rf"^:\S+ JOIN :?{ROOM}", since=since, count=2)
        assert "nothing" in " ".join(await stage.bouncer.provision(user(server))).lower()


async def test_each_user_comes_from_an_address_of_their_own(folder: Path) -> None:
    """Row CFG-16: a server that bans the address of one does not ban the others. One network has chosen another."""
    tables = {"upstream": {"user_addresses": ["127.77.0.0/16"], "addresses": ["127.78.0.9"]}}
    async with NgIRCd(folder / "server") as server, Daemon(folder / "bouncer", tables=tables) as bouncer:
        others = [
            UserFile("u2", [replace(user(server).networks[0], nick="u2")]),
            UserFile("u3", [replace(user(server).networks[0], nick="u3", more={"egress": "address=127.78.0.9"})]),
        ]
        await bouncer.provision(user(server), *others)
        async with await IrcClient.connect(server.endpoint, Login("friend")) as friend:
            await friend.join(ROOM)
            await bouncer.start()
            came = [await friend.expect(rf"^:{nick}!\S+@127.77.0.\d+ JOIN :?{ROOM}") for nick in (USER, "u2")]
            assert len({line.partition("@")[2].partition(" ")[0] for line in came}) == 2
            await friend.expect(rf"^:u3!\S+@127.78.0.9 JOIN :?{ROOM}")
