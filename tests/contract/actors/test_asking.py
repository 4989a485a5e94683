"""Listeners that ask clients for a certificate: it is taken whoever has signed it."""

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from actors import Accepted, BytesReceived, Closed, Endpoint, Listening, Opened, OpenFailed, Ref, Tls
from actors.bases.node.tls import server_context
from tests.contract.actors.worlds import ONE_NODE, WORLDS, NodeWorld
from tests.support.certificates import Certificate

LOCAL = Endpoint("127.0.0.1")
MUCH = bytes(range(256)) * 4096
"""1 MiB."""


@pytest.fixture(params=ONE_NODE)
def world(request: pytest.FixtureRequest) -> Iterator[NodeWorld]:
    world = WORLDS[request.param]()
    assert isinstance(world, NodeWorld)
    yield world
    world.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("certificates"), "irc.test")


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("clients"), "laptop.test")


@pytest.fixture
def endpoint(world: NodeWorld, certificate: Certificate) -> Endpoint:
    """Where a puppet named server listens, and asks."""
    server = world.puppet("server")
    world.do(server, lambda _, turn: turn.listen(replace(LOCAL, tls=asking(certificate))))
    return replace(LOCAL, port=int(world.await_heard(server, Listening).address.rpartition(":")[2]))


def asking(certificate: Certificate) -> Tls:
    chain, key = str(certificate.chain), str(certificate.key)
    return Tls(certificate=chain, key=key, alpn=("irc",), request_client_certificate=True)


def dial(world: NodeWorld, endpoint: Endpoint, shown: Certificate | None = None) -> Ref[Any]:
    client = world.puppet("client")
    tls = Tls(verify=False, alpn=("irc",))
    if shown is not None:
        tls = replace(tls, certificate=str(shown.chain), key=str(shown.key))
    world.do(client, lambda _, turn: turn.dial(replace(endpoint, tls=tls)))
    return client


def received(world: NodeWorld, puppet: Ref[Any]) -> bytes:
    return b"".join(msg.data for msg in world.heard(puppet, BytesReceived))


def test_a_certificate_that_is_signed_by_itself_says_who_the_client_is(
    world: NodeWorld, endpoint: Endpoint, laptop: Certificate
) -> None:
    client, server = dial(world, endpoint, laptop), Ref[Any]("server")
    assert world.await_heard(server, Accepted).peer_fingerprint == laptop.fingerprint
    assert world.await_heard(client, Opened)


def test_a_client_without_a_certificate_is_let_in_too(world: NodeWorld, endpoint: Endpoint) -> None:
    dial(world, endpoint)
    assert world.await_heard(Ref[Any]("server"), Accepted).peer_fingerprint == ""


def test_bytes_go_both_ways_and_the_end_is_clean(world: NodeWorld, endpoint: Endpoint, laptop: Certificate) -> None:
    client, server = dial(world, endpoint, laptop), Ref[Any]("server")
    at_server, at_client = world.await_heard(server, Accepted).link, world.await_heard(client, Opened).link
    world.do(client, lambda _, turn: turn.write(at_client, MUCH))
    world.do(server, lambda _, turn: turn.write(at_server, MUCH))
    world.until(lambda: len(received(world, client)) == len(received(world, server)) == len(MUCH))
    assert received(world, client) == received(world, server) == MUCH
    world.do(client, lambda _, turn: turn.close(at_client))
    assert world.await_heard(server, Closed).clean
    assert world.await_heard(client, Closed).clean


def test_who_does_not_speak_tls_is_not_let_in(world: NodeWorld, endpoint: Endpoint) -> None:
    client = world.puppet("plain")
    world.do(client, lambda _, turn: turn.dial(endpoint))
    link = world.await_heard(client, Opened).link
    world.do(client, lambda _, turn: turn.write(link, b"NICK no-tls\r\n" * 100))
    world.await_heard(client, Closed)
    assert world.heard(Ref[Any]("server"), Accepted) == []


def test_a_listener_without_a_readable_certificate_fails(world: NodeWorld) -> None:
    server = world.puppet("server")
    tls = Tls(certificate="/no/such/file", request_client_certificate=True)
    world.do(server, lambda _, turn: turn.listen(replace(LOCAL, tls=tls)))
    assert world.await_heard(server, OpenFailed).reason.startswith("cannot listen at 127.0.0.1:0: TLS failed: ")


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_handshake_settles_the_same_with_and_without_the_question(
    certificate: Certificate, laptop: Certificate, version: ssl.TLSVersion, asks: bool, shows: bool
) -> None:
    """Protocol, version and cipher are as `ssl` settles them; a session can be resumed, the certificate with it."""
    server = server_context(replace(asking(certificate), request_client_certificate=asks))
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = version
    client.set_alpn_protocols(["spdy/3", "irc"])
    if shows:
        client.load_cert_chain(laptop.chain, laptop.key)
    first, session = shake_hands(server, client)
    again, _ = shake_hands(server, client, session)
    assert first == again
    assert first[1:] == ("irc", asks and shows)


def shake_hands(
    server: ssl.SSLContext, client: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> tuple[tuple[object, ...], ssl.SSLSession | None]:
    """Connect, say something, and return what was settled."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, session=session)
    for side in (theirs, ours, theirs, ours, theirs):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    ours.write(b"hello")
    assert theirs.read(10) == b"hello"
    assert theirs.session_reused is (session is not None)
    assert theirs.cipher() == ours.cipher()
    certificate = ours.getpeercert(binary_form=True)
    return (ours.cipher(), ours.selected_alpn_protocol(), certificate is not None), theirs.session


def test_a_listener_that_does_not_ask_is_made_of_ssl_alone(certificate: Certificate) -> None:
    assert type(server_context(replace(asking(certificate), request_client_certificate=False))) is ssl.SSLContext
