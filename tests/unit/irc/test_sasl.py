from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scramp import ScramMechanism

from soju_actors.irc.sasl.chunking import CHUNK, ChunkReader, to_chunks
from soju_actors.irc.sasl.client import External, Mechanism, Plain, ScramSha256, ScramTask, prove
from soju_actors.irc.sasl.errors import SaslError, SaslTooLongError
from soju_actors.irc.sasl.server import PlainCredentials, decode_plain

_NONCE = "fyko+d2lbbFgONRv9qkxdawL"
_words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(st.lists(st.binary(max_size=1000), max_size=3))
def test_data_is_sent_in_chunks(data: list[bytes]) -> None:
    reader = ChunkReader()
    received = [reader.receive(chunk) for item in data for chunk in to_chunks(item)]
    assert [item for item in received if item is not None] == data


@pytest.mark.parametrize(("size", "lengths"), [(0, [1]), (299, [400, 1]), (300, [400, 1]), (301, [400, 4]), (3, [4])])
def test_a_full_chunk_is_not_the_last(size: int, lengths: list[int]) -> None:
    """Spec: https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command."""
    assert [len(chunk) for chunk in to_chunks(b"x" * size)] == lengths


@pytest.mark.parametrize("chunk", ["====", "not base64!", "YQ", "YQ==YQ==", "é"])
def test_what_is_not_base64_is_refused(chunk: str) -> None:
    reader = ChunkReader()
    with pytest.raises(SaslError):
        reader.receive(chunk)
    assert reader.receive("YQ==") == b"a"


def test_no_more_is_kept_than_credentials_need() -> None:
    """Row LIM-19."""
    reader = ChunkReader()
    for _ in range(25):
        assert reader.receive("A" * CHUNK) is None
    with pytest.raises(SaslTooLongError):
        reader.receive("A" * CHUNK)
    with pytest.raises(SaslTooLongError):
        reader.receive("A" * (CHUNK + 1))
    assert reader.receive("+") == b""


@given(st.one_of(st.just(""), _words), _words, _words)
def test_a_server_reads_what_a_client_says(authzid: str, authcid: str, password: str) -> None:
    client: Mechanism = Plain(authcid, password, authzid)
    assert decode_plain(client.start()) == PlainCredentials(authzid, authcid, password)


@pytest.mark.parametrize("data", [b"", b"user\0pw", b"\0\0pw", b"\0user\0", b"\0user\0p\0w", b"\0\xff\0pw"])
def test_what_are_no_credentials_is_refused(data: bytes) -> None:
    with pytest.raises(SaslError):
        decode_plain(data)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Plain("user", "secret"))


@pytest.mark.parametrize("mechanism", [Plain("user", "pw"), External()])
def test_one_step_is_all(mechanism: Mechanism) -> None:
    assert mechanism.complete
    with pytest.raises(SaslError):
        mechanism.challenge(b"more")


def test_nul_cannot_be_sent() -> None:
    with pytest.raises(SaslError):
        Plain("us\0er", "pw").start()


def test_external_says_whom_to_act_as_or_nothing() -> None:
    assert External().start() == b""
    assert External("alice").start() == b"alice"


def _scram_server(iterations: int = 4096) -> object:
    mechanism = ScramMechanism("SCRAM-SHA-256")
    stored = mechanism.make_auth_info("pencil", salt=b"saltsaltsalt", iteration_count=iterations)
    return mechanism.make_server(lambda _: stored, s_nonce="servernonce")


def respond(client: ScramSha256, challenge: bytes) -> bytes:
    """What the server is answered, with the work that it takes."""
    response = client.challenge(challenge)
    return client.proved(prove(response)) if isinstance(response, ScramTask) else response


def test_scram_proves_both_sides() -> None:
    client = ScramSha256("user", "pencil", _NONCE)
    mechanism: Mechanism = client
    server = _scram_server()
    server.set_client_first(mechanism.start().decode())  # type: ignore[attr-defined]
    server.set_client_final(respond(client, server.get_server_first().encode()).decode())  # type: ignore[attr-defined]
    assert not mechanism.complete
    assert client.challenge(server.get_server_final().encode()) == b""  # type: ignore[attr-defined]
    assert mechanism.complete
    with pytest.raises(SaslError):
        client.challenge(b"more")


def test_scram_follows_the_example_of_the_specification() -> None:
    """Spec: https://www.rfc-editor.org/rfc/rfc7677#section-3."""
    client = ScramSha256("user", "pencil", "rOprNGfwEbeRWgbNEkqO")
    assert client.start() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    nonce = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    final = respond(client, b"r=" + nonce + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    assert final == b"c=biws,r=" + nonce + b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    client.challenge(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert client.complete


@pytest.mark.parametrize(
    "challenge",
    [
        b"r=other,s=c2FsdHNhbHRzYWx0,i=4096",
        b"r=%b123,s=c2FsdHNhbHRzYWx0,i=1" % _NONCE.encode(),
        b"r=%b123,s=c2FsdHNhbHRzYWx0,i=999999999" % _NONCE.encode(),
        b"r=%b123,s=c2FsdHNhbHRzYWx0,i=9999999999999" % _NONCE.encode(),
        b"r=%b123,s=c2FsdHNhbHRzYWx0" % _NONCE.encode(),
        b"r=%b123,s=!,i=4096" % _NONCE.encode(),
        b"e=no-resources",
        b"\xff",
        b"",
    ],
)
def test_scram_refuses_a_server_that_does_not_play_its_part(challenge: bytes) -> None:
    client = ScramSha256("user", "pencil", _NONCE)
    client.start()
    with pytest.raises(SaslError):
        respond(client, challenge)
    assert not client.complete


@pytest.mark.parametrize("final", [b"v=" + b64encode(b"x" * 32), b"e=invalid-proof", b"", b"v=", b"v=!"])
def test_scram_refuses_a_server_that_does_not_know_the_password(final: bytes) -> None:
    client = ScramSha256("user", "pencil", _NONCE)
    client.start()
    respond(client, b"r=%b123,s=c2FsdHNhbHRzYWx0,i=4096" % _NONCE.encode())
    with pytest.raises(SaslError):
        client.challenge(final)
    assert not client.complete


@pytest.mark.parametrize(("name", "nonce"), [("", _NONCE), ("user\0", _NONCE), ("user", "a,b"), ("\udcff", _NONCE)])
def test_scram_says_when_it_cannot_be_used(name: str, nonce: str) -> None:
    with pytest.raises(SaslError):
        ScramSha256(name, "pencil", nonce)
