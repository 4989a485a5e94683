"""Logging in with SASL: SCRAM, certificates, chunks, the ends of exchanges (rows PRE-03, PRE-05, PRE-06, PRE-12)."""

from base64 import b64decode
from typing import Any

import pytest

from soju_actors.model.records import User, UserId
from soju_actors.policy.accounts import AccountSettings
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.ports.database import LoadUsers, UsersLoaded
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.dialogs.logins import WITH_SCRAM, Scram, begin_sasl, by_plain, encoded
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play
from tests.support.world import HOSTNAME, World

BOB = User(UserId(0), "bob", "plain:x")
PHONE, LAPTOP = "ab" * 64, "cd" * 64
"""Fingerprints of certificates."""
WITH_CERTIFICATES: dict[str, Any] = {
    "settings": DownstreamSettings(HOSTNAME, client_cert_auth=True),
    "server": {"accounts": AccountSettings(client_cert_auth=True)},
}


# --- SCRAM-SHA-256


def test_a_password_that_is_known_once_serves_scram_from_then_on(set_inline: SetInline) -> None:
    """What SCRAM needs is made of a password when it is known: until then the login fails like any wrong one.

    Spec: https://www.rfc-editor.org/rfc/rfc7677
    """
    stage = set_inline(caps="", **{**WITH_SCRAM, "scram": 0})
    play(stage, begin_sasl())
    Scram(stage, "alice", "secret").fail()
    play(stage, by_plain("alice", "secret"))
    Scram(stage, "alice/libera@phone", "secret").log_in()
    play(
        stage,
        """
        new > NICK alice
        new > USER whoever 0 * :Alice
        new > CAP END
        """,
        rest=True,
    )
    assert ":alice!a@host JOIN #soju" in stage.heard("new")


def test_a_change_of_the_account_by_a_client_leaves_its_password_alone(set_inline: SetInline) -> None:
    """Row CMD-05: what the user actor does not know of is not taken back with the nick."""
    stage = set_inline(**{**WITH_SCRAM, "scram": 0})
    stage.attach("laptop", "alice", caps="setname")
    play(
        stage,
        """
        laptop > NICK ally
        laptop < :alice NICK ally
        laptop > SETNAME :Alice A.
        laptop < :ally SETNAME :Alice A.
        libera < SETNAME :Alice A.
        laptop > PRIVMSG BouncerServ :user update -realname Alice
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG ally *
        """,
    )
    (user,) = stored_users(stage.world).users
    assert (user.nick, user.realname, bool(user.scram)) == ("ally", "Alice", True)


def test_a_wrong_proof_is_refused(set_stage: SetStage) -> None:
    """Row PRE-06."""
    stage = set_stage(**WITH_SCRAM)
    play(stage, begin_sasl())
    Scram(stage, "alice", "guess").fail()
    Scram(stage, "alice", "secret").log_in()


def test_names_that_nobody_has_look_like_any_other(set_stage: SetStage) -> None:
    """The salt of a name follows from it, whoever has it: asking again, or for another name, tells nothing."""
    stage = set_stage(users=(BOB,), **WITH_SCRAM)
    play(stage, begin_sasl("first") + begin_sasl("second"))
    salts = {}
    for peer in ("first", "second"):
        for name in ("alice", "bob", "nobody"):
            client = Scram(stage, name, "guess", peer=peer)
            client.begin()
            salts[peer, name] = client.salted
            play(stage, f"{peer} > AUTHENTICATE *\n {peer} < 906 * *")
    for name in ("alice", "bob", "nobody"):
        assert salts["first", name] == salts["second", name]
    assert len(set(salts.values())) == 3
    assert {(len(b64decode(salt)), iterations) for salt, iterations in salts.values()} == {(16, "4096")}


def test_an_admin_may_act_for_another_with_scram_too(set_stage: SetStage) -> None:
    """Row PRE-03."""
    stage = set_stage(users=(BOB,), **WITH_SCRAM)
    play(stage, begin_sasl("other"))
    Scram(stage, "alice", "secret", peer="other", authzid="bob@phone").log_in()
    play(
        stage,
        """
        other > NICK x
        other > USER x 0 * :X
        other > CAP END
        other < 001 bob *
        other < 002 bob *
        other < 004 **
        other < 005 **
        other < 900 bob bob!bob@bouncer.test bob *
        other < 422 **
        """,
    )


def test_a_challenge_that_is_long_comes_in_chunks(set_stage: SetStage) -> None:
    """It repeats the client's nonce, which may have any length.

    Spec: https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command
    """
    first = encoded(f"n,,n=alice,r={'x' * 600}")
    chunks = "".join(f"new > AUTHENTICATE {first[at : at + 400]}\n" for at in range(0, len(first), 400))
    found = play(
        set_stage(**WITH_SCRAM),
        f"""
        {begin_sasl()}
        new > AUTHENTICATE SCRAM-SHA-256
        new < AUTHENTICATE +
        {chunks}
        new < AUTHENTICATE $one
        new < AUTHENTICATE $two
        new < AUTHENTICATE $three
        """,
    )
    assert [len(found["one"]), len(found["two"])] == [400, 400]
    challenge = b64decode(found["one"] + found["two"] + found["three"]).decode()
    assert challenge.startswith(f"r={'x' * 600}")


@pytest.mark.parametrize("said", ["bm9uc2Vuc2U=", "!!!!", "+"])
def test_scram_that_is_none_is_refused_and_may_begin_again(set_stage: SetStage, said: str) -> None:
    """Row PRE-06."""
    stage = set_stage(**WITH_SCRAM)
    play(
        stage,
        f"""
        {begin_sasl()}
        new > AUTHENTICATE SCRAM-SHA-256
        new < AUTHENTICATE +
        new > AUTHENTICATE {said}
        new < 904 * *
        """,
    )
    Scram(stage, "alice", "secret").begin()
    play(stage, f"new > AUTHENTICATE {said}\n new < 904 * *")
    play(stage, by_plain("alice", "secret"))


def test_scram_is_not_offered_where_nothing_is_stored_for_it(set_stage: SetStage) -> None:
    """Row CAPD-18: what is not offered is answered with what is."""
    play(
        set_stage(),
        f"""
        {begin_sasl()}
        new > AUTHENTICATE SCRAM-SHA-256
        new < 908 * PLAIN :are available SASL mechanisms
        new < 904 * *
        new > AUTHENTICATE {"A" * 21}
        new < 904 * *
        """,
    )


# --- how exchanges end


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_an_exchange_is_aborted_at_any_step(set_stage: SetStage, steps: int) -> None:
    """Row PRE-03."""
    stage = set_stage(**WITH_SCRAM)
    play(stage, begin_sasl())
    client = Scram(stage, "alice", "secret")
    if steps == 0:
        play(stage, "new > AUTHENTICATE SCRAM-SHA-256\n new < AUTHENTICATE +")
    else:
        client.begin()
    if steps > 1:
        client.prove()
    play(
        stage,
        """
        new > AUTHENTICATE *
        new < 906 * *
        new > NICK alice
        new > USER alice 0 * :Alice
        new > CAP END
        new < FAIL * ACCOUNT_REQUIRED *
        new < ERROR *
        new < (closed)
        """,
    )


@pytest.mark.parametrize("logged_in", [True, False])
def test_an_exchange_that_is_under_way_ends_with_the_registration(set_stage: SetStage, *, logged_in: bool) -> None:
    """Row PRE-12: what was there before it counts."""
    before = by_plain("alice/libera", "secret") if logged_in else ""
    stage = set_stage(caps="")
    play(
        stage,
        f"""
        {begin_sasl()}
        {before}
        new > NICK alice
        new > USER alice 0 * :Alice
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > CAP END
        new < 906 * *
        """
        + ("" if logged_in else "new < FAIL * ACCOUNT_REQUIRED *\n new < ERROR *\n new < (closed)"),
        rest=logged_in,
    )
    assert (":alice!a@host JOIN #soju" in stage.heard("new")) is logged_in


def test_who_has_logged_in_may_log_in_as_another_and_stays_who_it_is_if_that_fails(set_stage: SetStage) -> None:
    """Before the registration is complete.

    Spec: https://ircv3.net/specs/extensions/sasl-3.2
    """
    stage = set_stage(users=(BOB,))
    play(
        stage,
        f"""
        {begin_sasl()}
        {by_plain("alice", "secret")}
        {by_plain("bob", "x")}
        {by_plain("alice", "guess", "904")}
        new > NICK bob
        new > USER whoever 0 * :Bob
        new > CAP END
        new < 001 bob *
        """,
        rest=True,
    )


# --- EXTERNAL


def offered(stage: AnyStage, peer: str) -> str:
    """Return the value of the capability ``sasl``."""
    stage.say(peer, "CAP LS 302")
    lines = " ".join(stage.heard(peer))
    return next(word.partition("=")[2] for word in lines.replace(":", " ").split() if word.startswith("sasl"))


def log_in_unbound(stage: InlineStage, peer: str, fingerprint: str = "", caps: str = "sasl") -> None:
    """Log in as alice with the password, on no network, showing a certificate."""
    stage.show(peer, fingerprint)
    stage.log_in(peer, "alice", caps)
    stage.forget()


def by_external(name: str = "", outcome: str = "903", peer: str = "new") -> str:
    return f"""
        {peer} > AUTHENTICATE EXTERNAL
        {peer} < AUTHENTICATE +
        {peer} > AUTHENTICATE {encoded(name)}
        {peer} < {outcome} * *
    """


def test_external_is_offered_to_who_has_shown_a_certificate(set_inline: SetInline) -> None:
    """Rows CAPD-18, CAPD-21, CFG-21."""
    stage = set_inline(**WITH_CERTIFICATES)
    stage.show("new", PHONE)
    assert offered(stage, "new") == "PLAIN,EXTERNAL"
    assert offered(stage, "other") == "PLAIN"
    without = set_inline()
    without.show("new", PHONE)
    assert offered(without, "new") == "PLAIN"


def test_a_device_logs_in_with_the_certificate_that_it_has_named(set_inline: SetInline) -> None:
    """Rows PRE-05, SVC-17: the client says which network it wants, in USER or in the exchange."""
    stage = set_inline(caps="", **WITH_CERTIFICATES)
    log_in_unbound(stage, "phone", PHONE)
    play(
        stage,
        """
        phone > PRIVMSG BouncerServ :device-certificate create -label phone
        phone < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
        """,
    )
    for peer, said, username in (("one", "", "alice/libera"), ("two", "alice/libera@x", "x"), ("three", "/libera", "")):
        stage.show(peer, PHONE)
        play(
            stage,
            f"""
            {begin_sasl(peer)}
            {by_external(said, peer=peer)}
            {peer} > NICK alice
            {peer} > USER {username or "alice"} 0 * :Alice
            {peer} > CAP END
            """,
            rest=True,
        )
        assert ":alice!a@host JOIN #soju" in stage.heard(peer)


def test_a_certificate_that_nobody_has_named_is_refused(set_inline: SetInline) -> None:
    """Row PRE-06."""
    stage = set_inline(**WITH_CERTIFICATES)
    stage.show("new", LAPTOP)
    play(stage, begin_sasl() + by_external(outcome="904") + by_external("alice", "904") + by_plain("alice", "secret"))


def test_with_a_certificate_only_admins_act_for_others(set_inline: SetInline) -> None:
    """Row PRE-03."""
    stage = set_inline(users=(BOB,), **WITH_CERTIFICATES)
    log_in_unbound(stage, "phone", PHONE)
    play(stage, "phone > PRIVMSG BouncerServ :device-certificate create -label phone", rest=True)
    stage.show("bobs", LAPTOP)
    play(
        stage,
        f"""
        {begin_sasl("bobs")}
        {by_plain("bob", "x", peer="bobs")}
        bobs > NICK bob
        bobs > USER bob 0 * :Bob
        bobs > CAP END
        """,
        rest=True,
    )
    play(stage, "bobs > PRIVMSG BouncerServ :device-certificate create -label laptop", rest=True)
    stage.forget()
    stage.show("new", LAPTOP)
    play(stage, begin_sasl() + by_external("alice", "904") + by_external("bob"))
    stage.show("admin", PHONE)
    play(stage, begin_sasl("admin") + by_external("bob", peer="admin") + by_external("nobody", "904", "admin"))


def test_a_certificate_in_use_is_noted_a_moment_later(set_inline: SetInline) -> None:
    """Row PRE-05: when and from where, beside the way of the login."""
    stage = set_inline(**WITH_CERTIFICATES)
    log_in_unbound(stage, "phone", PHONE)
    play(stage, "phone > PRIVMSG BouncerServ :device-certificate create -label phone", rest=True)
    stage.forget()
    stage.show("new", PHONE)
    play(stage, begin_sasl() + by_external())
    assert stored_use(stage.world) == (0.0, "")
    at = stage.world.system._clock.wall()
    stage.world.advance(5)
    assert stored_use(stage.world) == (at, "127.0.0.1")


def stored_users(world: World) -> UsersLoaded:
    loaded = world.database.reader().perform(LoadUsers())
    assert isinstance(loaded, UsersLoaded)
    return loaded


def stored_use(world: World) -> tuple[float, str]:
    (certificate,) = stored_users(world).certificates
    return certificate.last_used, certificate.last_address
