"""The login to a server with SASL (rows AUP-02, AUP-03, UP-03 to UP-05).

Spec: https://ircv3.net/specs/extensions/sasl-3.2
"""

from base64 import b64decode, b64encode
from typing import Any

import pytest
from scramp import ScramMechanism

from soju_actors.irc.message import Message
from soju_actors.messages.upstream import Forward
from soju_actors.model.records import SaslMechanism
from tests.behaviour.upstream.scene import WELCOME, Scene

PLAIN = {"sasl": SaslMechanism.PLAIN, "sasl_username": "jilles", "sasl_password": "sesame"}
SCRAM = {**PLAIN, "sasl": SaslMechanism.SCRAM_SHA_256}
TO_SASL = """
    > :irc.test CAP * LS :sasl=PLAIN,EXTERNAL,SCRAM-SHA-256
    < CAP REQ sasl
    > :irc.test CAP * ACK :sasl
    """


def login(script: str, **of_network: Any) -> Scene:  # noqa: ANN401 - fields of any type
    scene = Scene(**of_network).connect()
    scene.heard()
    return scene.play(script)


def test_plain() -> None:
    """The example of the specification, with an empty authorization identity."""
    scene = login(
        TO_SASL
        + """
        < AUTHENTICATE PLAIN
        > AUTHENTICATE +
        < AUTHENTICATE AGppbGxlcwBzZXNhbWU=
        > :irc.test 900 * *!*@* jilles :You are now logged in as jilles.
        > :irc.test 903 * :SASL authentication successful
        < CAP END
        > :irc.test 001 alice :Welcome
        """,
        **PLAIN,
    )
    assert scene.up.login_problem == ""
    assert "sasl" in scene.up.caps
    assert scene.said() == [":irc.test 900 * *!*@* jilles :You are now logged in as jilles.", WELCOME]


def test_external_lets_the_server_choose_by_the_certificate() -> None:
    login(
        TO_SASL
        + """
        < AUTHENTICATE EXTERNAL
        > AUTHENTICATE +
        < AUTHENTICATE +
        > :irc.test 903 * :SASL authentication successful
        < CAP END
        """,
        sasl=SaslMechanism.EXTERNAL,
    )


def test_a_refused_request_does_not_keep_a_login_waiting() -> None:
    """Row UP-02: the registration goes on, and says that there was no login."""
    scene = login(
        """
        > :irc.test CAP * LS :sasl=PLAIN
        < CAP REQ sasl
        > :irc.test CAP * NAK :sasl
        < CAP END
        > :irc.test 001 alice :Welcome
        """,
        **PLAIN,
    )
    assert "does not offer SASL" in scene.up.login_problem


class ScramServer:
    """The other side of SCRAM-SHA-256."""

    def __init__(self, password: str, salt: bytes = b"0123456789abcdef") -> None:
        mechanism = ScramMechanism("SCRAM-SHA-256")
        salt, stored_key, server_key, iterations = mechanism.make_auth_info(password, 4096, salt)
        auth = {"jilles": (salt, stored_key, server_key, iterations)}
        self.server = mechanism.make_server(auth.__getitem__)

    def first(self, heard: str) -> str:
        self.server.set_client_first(b64decode(heard.split()[1]).decode())
        return b64encode(self.server.get_server_first().encode()).decode()

    def final(self, heard: str) -> str:
        self.server.set_client_final(b64decode(heard.split()[1]).decode())
        return b64encode(self.server.get_server_final().encode()).decode()


def begin_scram() -> tuple[Scene, ScramServer]:
    scene = login(TO_SASL + "< AUTHENTICATE SCRAM-SHA-256", **SCRAM)
    server = ScramServer("sesame")
    scene.hear("AUTHENTICATE +")
    (first,) = scene.heard()
    scene.hear(f"AUTHENTICATE {server.first(first)}")
    return scene, server


def test_scram() -> None:
    """Spec: https://www.rfc-editor.org/rfc/rfc7677."""
    scene, server = begin_scram()
    (final,) = scene.heard()
    scene.hear(f"AUTHENTICATE {server.final(final)}")
    scene.play(
        """
        < AUTHENTICATE +
        > :irc.test 903 * :SASL authentication successful
        < CAP END
        > :irc.test 001 alice :Welcome
        """
    )
    assert scene.up.login_problem == ""


def test_a_server_that_does_not_know_the_password_is_not_believed() -> None:
    scene, _ = begin_scram()
    scene.heard()
    scene.play(
        """
        > :irc.test 903 * :SASL authentication successful
        < CAP END
        > :irc.test 001 alice :Welcome
        """
    )
    assert "before it had shown that it knows the password" in scene.up.login_problem


def test_a_server_that_proves_nothing_is_left_alone() -> None:
    scene, _ = begin_scram()
    scene.heard()
    scene.play(
        f"""
        > AUTHENTICATE {b64encode(b"v=AAAA").decode()}
        < AUTHENTICATE *
        < CAP END
        > :irc.test 906 * :SASL authentication aborted
        """
    )


def test_no_two_logins_have_the_same_nonce() -> None:
    nonces = set()
    for seed in range(5):
        scene = login(TO_SASL + "< AUTHENTICATE SCRAM-SHA-256", seed=seed, **SCRAM)
        scene.hear("AUTHENTICATE +")
        (first,) = scene.heard()
        nonces.add(b64decode(first.split()[1]))
    assert len(nonces) == 5


def test_a_challenge_in_chunks_is_put_together() -> None:
    """Row UP-03: a challenge of 400 characters goes on in the next one."""
    scene = login(TO_SASL + "< AUTHENTICATE SCRAM-SHA-256", **SCRAM)
    server = ScramServer("sesame", salt=bytes(360))
    scene.hear("AUTHENTICATE +")
    (first,) = scene.heard()
    challenge = server.first(first)
    assert 400 < len(challenge) < 800
    scene.hear(f"AUTHENTICATE {challenge[:400]}")
    assert scene.heard() == []
    scene.hear(f"AUTHENTICATE {challenge[400:]}")
    (final,) = scene.heard()
    scene.hear(f"AUTHENTICATE {server.final(final)}")
    scene.play("< AUTHENTICATE +")


def test_a_long_password_goes_in_chunks() -> None:
    scene = login(TO_SASL + "< AUTHENTICATE PLAIN", **{**PLAIN, "sasl_password": "x" * 500})
    scene.hear("AUTHENTICATE +")
    parts = [line.split()[1] for line in scene.heard()]
    assert [len(part) for part in parts] == [400, 280]
    assert b64decode("".join(parts)) == b"\0jilles\0" + b"x" * 500


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (
            "> :irc.test CAP * LS :server-time\n< CAP REQ server-time\n> :irc.test CAP * ACK server-time",
            "not offer SASL",
        ),
        ("> :irc.test CAP * LS :", "not offer SASL"),
        (
            "> :irc.test CAP * LS :sasl=EXTERNAL\n< CAP REQ sasl\n> :irc.test CAP * ACK sasl",
            "does not offer PLAIN, but EXTERNAL",
        ),
        ("> :irc.test CAP * LS :sasl\n< CAP REQ sasl\n> :irc.test CAP * NAK sasl", "not offer SASL"),
        (
            TO_SASL + "< AUTHENTICATE PLAIN\n> :irc.test 904 * :SASL authentication failed",
            "failed: SASL authentication failed",
        ),
        (
            TO_SASL + "< AUTHENTICATE PLAIN\n> :irc.test 908 * EXTERNAL :are available\n> :irc.test 904 * :No",
            "failed: No",
        ),
        (TO_SASL + "< AUTHENTICATE PLAIN\n> :irc.test 902 * :You must use a nick assigned to you", "must use a nick"),
        (TO_SASL + "< AUTHENTICATE PLAIN\n> AUTHENTICATE !!\n< AUTHENTICATE *", "not base64"),
    ],
)
class TestFailures:
    """Row UP-05, where soju goes on without a login whatever the user wants."""

    def test_the_reason_is_told_and_registration_goes_on(self, script: str, problem: str) -> None:
        scene = login(f"{script}\n< CAP END\n> {WELCOME}", **PLAIN)
        assert problem in scene.up.login_problem

    def test_a_required_login_ends_the_attempt(self, script: str, problem: str) -> None:
        scene = login(script, sasl_required=True, **PLAIN)
        assert problem in scene.down.reason
        assert scene.down.retry is not None
        assert scene.turn.aborted
        assert scene.places_given_back == ["irc.test"]


@pytest.mark.parametrize("offer", ["sasl", "sasl=PLAIN", "sasl=external,plain"])
def test_an_empty_list_of_mechanisms_may_have_any(offer: str) -> None:
    """Row AUP-02."""
    login(
        f"""
        > :irc.test CAP * LS :{offer}
        < CAP REQ sasl
        > :irc.test CAP * ACK :sasl
        < AUTHENTICATE PLAIN
        """,
        **PLAIN,
    )


def test_a_welcome_without_capabilities_is_no_login() -> None:
    scene = login(f"> {WELCOME}", **PLAIN)
    assert "before the login with SASL was complete" in scene.up.login_problem


def test_a_welcome_does_not_replace_a_required_login() -> None:
    scene = login(f"> {WELCOME}", sasl_required=True, **PLAIN)
    assert "before the login with SASL was complete" in scene.down.reason
    assert not scene.down.registered


def test_a_required_login_that_is_not_set_is_a_clear_error() -> None:
    scene = login(f"> {WELCOME}", sasl_required=True)
    assert scene.down.reason == "a login with SASL is required, but none is set"


def test_credentials_that_scram_cannot_send_are_a_clear_error() -> None:
    scene = login(TO_SASL + "< CAP END", **{**SCRAM, "sasl_password": "\u0007"})
    scene.hear(WELCOME)
    assert "the login with SASL failed" in scene.up.login_problem


def test_without_credentials_there_is_no_login() -> None:
    scene = login(TO_SASL + "< CAP END")
    scene.hear(WELCOME)
    assert scene.up.login_problem == ""


# After registration


def test_services_that_come_back_are_logged_in_to() -> None:
    scene = login(f"> :irc.test CAP * LS :\n< CAP END\n> {WELCOME}", **PLAIN)
    scene.told.clear()
    scene.play(
        """
        > :irc.test CAP alice NEW :sasl=PLAIN
        < CAP REQ sasl
        > :irc.test CAP alice ACK :sasl
        < AUTHENTICATE PLAIN
        > AUTHENTICATE +
        < AUTHENTICATE AGppbGxlcwBzZXNhbWU=
        > :irc.test 900 alice alice!al@host jilles :You are now logged in as jilles.
        > :irc.test 903 alice :SASL authentication successful
        """
    )
    assert scene.said() == [":irc.test 900 alice alice!al@host jilles :You are now logged in as jilles."]


def test_a_login_that_fails_later_is_shown() -> None:
    scene = login(f"> :irc.test CAP * LS :\n< CAP END\n> {WELCOME}", **PLAIN)
    scene.told.clear()
    scene.play(
        """
        > :irc.test CAP alice NEW :sasl=PLAIN
        < CAP REQ sasl
        > :irc.test CAP alice ACK :sasl
        < AUTHENTICATE PLAIN
        > :irc.test 904 alice :SASL authentication failed
        """
    )
    assert scene.said() == [":irc.test 904 alice :SASL authentication failed"]


def test_scram_can_be_done_twice() -> None:
    scene, _ = begin_scram()
    scene.heard()
    scene.play(
        f"""
        > :irc.test 904 * :Services are down
        < CAP END
        > {WELCOME}
        > :irc.test CAP alice DEL :sasl
        > :irc.test CAP alice NEW :sasl=SCRAM-SHA-256
        < CAP REQ sasl
        > :irc.test CAP alice ACK :sasl
        < AUTHENTICATE SCRAM-SHA-256
        """
    )
    server = ScramServer("sesame")
    scene.hear("AUTHENTICATE +")
    (first,) = scene.heard()
    scene.hear(f"AUTHENTICATE {server.first(first)}")
    (final,) = scene.heard()
    scene.hear(f"AUTHENTICATE {server.final(final)}", ":irc.test 903 alice :Done")
    assert scene.heard() == ["AUTHENTICATE +"]


def test_the_login_of_a_client_passes() -> None:
    """Row AUP-04: a client may log in by itself."""
    scene = login(TO_SASL + f"< CAP END\n> {WELCOME}")
    scene.told.clear()
    scene.tell(Forward((Message("AUTHENTICATE", ("PLAIN",)),)))
    scene.play("< AUTHENTICATE PLAIN")
    scene.hear("AUTHENTICATE +", ":irc.test 904 alice :SASL authentication failed")
    assert scene.said() == ["AUTHENTICATE +", ":irc.test 904 alice :SASL authentication failed"]


# Capabilities that come and go


def test_capabilities_are_told_in_their_place() -> None:
    """Row CAPU-05: what stands before CAP was said without the new capability."""
    scene = login(f"> :irc.test CAP * LS :\n< CAP END\n> {WELCOME}")
    scene.told.clear()
    scene.play("> :irc.test CAP alice NEW :extended-join\n< CAP REQ extended-join")
    scene.told.clear()
    before, after = ":bob!b@test JOIN #soju", ":eve!e@test JOIN #soju * :Eve"
    scene.hear(before, ":irc.test CAP alice ACK :extended-join", after)
    assert [type(msg).__name__ for msg in scene.told] == ["UpstreamSaid", "UpstreamCaps", "UpstreamSaid"]
    assert scene.said() == [before, after]
    assert scene.caps.caps == {"extended-join"}


def test_a_capability_that_goes_is_told() -> None:
    scene = login(
        f"""
        > :irc.test CAP * LS :server-time foo=bar
        < CAP REQ server-time
        > :irc.test CAP * ACK :server-time
        < CAP END
        > {WELCOME}
        """
    )
    scene.told.clear()
    scene.hear(":irc.test CAP alice DEL :server-time")
    assert scene.caps.caps == frozenset()
    assert scene.caps.available == {"foo": "bar"}


def test_services_that_come_back_are_nothing_without_credentials() -> None:
    scene = login(f"> :irc.test CAP * LS :\n< CAP END\n> {WELCOME}")
    scene.play(
        """
        > :irc.test CAP alice NEW :sasl=PLAIN
        < CAP REQ sasl
        > :irc.test CAP alice ACK :sasl
        """
    )
    assert "sasl" in scene.told[-1].caps


def test_a_server_that_knows_us_already_is_a_success() -> None:
    """ERR_SASLALREADY, as from a server that trusts the certificate of the connection."""
    scene = login(TO_SASL + f"< AUTHENTICATE PLAIN\n> :irc.test 907 * :Already\n< CAP END\n> {WELCOME}", **PLAIN)
    assert scene.up.login_problem == ""
