"""SCRAM-SHA-256 on the server's side, against the example of RFC 7677 and the client of a library."""

from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scramp import ScramClient, ScramException, ScramMechanism

from soju_actors.irc.sasl.errors import SaslError
from soju_actors.irc.sasl.scram import (
    ClientFinal,
    ClientFirst,
    Verifier,
    format_verifier,
    parse_client_final,
    parse_client_first,
    parse_verifier,
    proves,
    salt_for,
    server_final,
    server_first,
)

FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
CHALLENGE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")


def verifier_of(password: str, salt: bytes = SALT) -> Verifier:
    salt, stored_key, server_key, iterations = ScramMechanism("SCRAM-SHA-256").make_auth_info(password, 4096, salt)
    return Verifier(iterations, salt, stored_key, server_key)


def test_the_example_of_the_specification() -> None:
    """Spec: https://www.rfc-editor.org/rfc/rfc7677#section-3."""
    first = parse_client_first(FIRST)
    assert first == ClientFirst("", "user", "rOprNGfwEbeRWgbNEkqO", "n,,", "n=user,r=rOprNGfwEbeRWgbNEkqO")
    challenge = server_first(first, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", SALT, 4096)
    assert challenge == CHALLENGE
    final = parse_client_final(FINAL, first, challenge)
    verifier = verifier_of("pencil")
    assert proves(final.proof, final.auth_message, verifier)
    assert server_final(final.auth_message, verifier) == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert not proves(final.proof, final.auth_message, verifier_of("pencils"))


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20), st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_client_of_a_library_is_let_in_with_the_right_password_alone(name: str, right: bool) -> None:
    client = ScramClient(["SCRAM-SHA-256"], name, "correct horse", c_nonce="abc")
    first = parse_client_first(client.get_client_first().encode())
    assert (first.authcid, first.authzid, first.nonce) == (name, "", "abc")
    challenge = server_first(first, "def", SALT, 4096)
    client.set_server_first(challenge)
    final = parse_client_final(client.get_client_final().encode(), first, challenge)
    verifier = verifier_of("correct horse" if right else "battery staple")
    assert proves(final.proof, final.auth_message, verifier) is right
    if right:
        client.set_server_final(server_final(final.auth_message, verifier))
    else:
        with pytest.raises(ScramException):
            client.set_server_final(server_final(final.auth_message, verifier))


@pytest.mark.parametrize(
    ("message", "authzid", "authcid"),
    [
        (b"y,,n=alice/libera@phone,r=x", "", "alice/libera@phone"),
        (b"n,a=bob@x,n=alice,r=x", "bob@x", "alice"),
        (b"n,a=b=2Co=3Db,n=a=3D=2Cb,r=x,z=more", "b,o=b", "a=,b"),
        ("n,,n=Älice,r=x".encode(), "", "Älice"),
    ],
)
def test_a_first_message_says_who_logs_in_and_as_whom(message: bytes, authzid: str, authcid: str) -> None:
    first = parse_client_first(message)
    assert (first.authzid, first.authcid) == (authzid, authcid)
    assert first.header + first.bare == message.decode()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"n",
        b"n,,",
        b"n=alice,r=x",
        b"p=tls-unique,,n=alice,r=x",
        b"n,bob,n=alice,r=x",
        b"n,,m=ext,n=alice,r=x",
        b"n,,r=x,n=alice",
        b"n,,n=alice",
        b"n,,n=alice,r=",
        b"n,,n=alice,r=a\x00b",
        b"n,,n=alice,r=" + b"x" * 1100,
        b"n,,n=al=ice,r=x",
        b"n,a=b=2cb,n=alice,r=x",
        b"n,,n=\xff,r=x",
    ],
)
def test_what_is_no_first_message_is_refused(message: bytes) -> None:
    with pytest.raises(SaslError):
        parse_client_first(message)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        FINAL.replace(b"biws", b"eSws"),
        FINAL.replace(b"c=biws", b"biws"),
        FINAL.replace(b"c=biws", b"c=!"),
        FINAL.replace(b"rOpr", b"rOps"),
        FINAL.replace(b"$k0", b""),
        FINAL.replace(b",p=dHzb", b",p=!Hzb"),
        FINAL.partition(b",p=")[0],
        FINAL + b"\xff",
    ],
)
def test_what_is_no_second_message_of_the_exchange_is_refused(message: bytes) -> None:
    with pytest.raises(SaslError):
        parse_client_final(message, parse_client_first(FIRST), CHALLENGE)


def test_a_proof_of_another_length_proves_nothing() -> None:
    final = parse_client_final(FINAL, parse_client_first(FIRST), CHALLENGE)
    assert not proves(final.proof[:-1], final.auth_message, verifier_of("pencil"))
    assert not proves(b"", ClientFinal(b"", b"").auth_message, verifier_of("pencil"))


def test_verifiers_are_written_as_postgresql_writes_them() -> None:
    text = (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
        ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )
    verifier = verifier_of("pencil")
    assert format_verifier(verifier) == text
    assert parse_verifier(text) == verifier


@pytest.mark.parametrize("text", ["", "plain", "SCRAM-SHA-256$4096:a$b:c", "SCRAM-SHA-1$4096:YQ==$YQ==:YQ=="])
def test_what_is_no_verifier_is_none(text: str) -> None:
    assert parse_verifier(text) is None


def test_salts_follow_from_names_and_cannot_be_known_without_the_secret() -> None:
    assert salt_for(b"key", "alice") == salt_for(b"key", "alice")
    assert len({salt_for(b"key", "alice"), salt_for(b"key", "bob"), salt_for(b"other", "alice")}) == 3
    assert len(salt_for(b"key", "\udcff")) == 16
