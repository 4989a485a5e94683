"""What clients log in with, made and taken back: passwords for a client, certificates (rows SVC-16 to SVC-18)."""

from typing import Any

import pytest

from soju_actors.policy.accounts import MOST_CREDENTIALS, AccountSettings
from soju_actors.policy.downstream import DownstreamSettings
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.dialogs.logins import WITH_SCRAM, Scram, begin_sasl, by_plain
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play
from tests.support.world import HOSTNAME

PHONE, LAPTOP, OTHER = "ab" * 64, "cd" * 64, "ef" * 64
"""Fingerprints of certificates."""
USED = r"name=my\sphone time=2023-11-14T22:13:20.000Z ip=127.0.0.1"
WITH_CERTIFICATES: dict[str, Any] = {
    "settings": DownstreamSettings(HOSTNAME, client_cert_auth=True),
    "server": {"accounts": AccountSettings(client_cert_auth=True)},
}


def ask(stage: AnyStage, peer: str, command: str) -> list[str]:
    """Give BouncerServ a command; return what it says."""
    stage.say(peer, f"PRIVMSG BouncerServ :{command}")
    lines = [stage.next_line(peer) or "", *stage.heard(peer)]
    return [line.partition(" PRIVMSG ")[2].partition(" :")[2] for line in lines]


def make_password(stage: AnyStage, peer: str, name: str) -> str:
    """Have a password for a client made."""
    (said,) = ask(stage, peer, f'password create "{name}"')
    assert said.startswith(f"The password for {name}, which is not shown again: ")
    return said.rpartition(" ")[2]


def show(stage: InlineStage, peer: str, fingerprint: str, caps: str = "sasl") -> None:
    """Log in as alice with the password, on no network, showing a certificate."""
    stage.show(peer, fingerprint)
    stage.log_in(peer, "alice", caps)
    stage.forget()


def by_certificate(stage: InlineStage, peer: str, fingerprint: str) -> None:
    """Log in as alice with a certificate, on no network."""
    stage.show(peer, fingerprint)
    play(
        stage,
        f"""
        {begin_sasl(peer)}
        {peer} > AUTHENTICATE EXTERNAL
        {peer} < AUTHENTICATE +
        {peer} > AUTHENTICATE +
        {peer} < 903 * *
        {peer} > NICK alice
        {peer} > USER alice 0 * :Alice
        {peer} > CAP END
        """,
        rest=True,
    )
    stage.forget()


# --- passwords for clients


def test_a_client_logs_in_with_a_password_of_its_own(set_stage: SetStage) -> None:
    """With PASS, with the name in front of it, with PLAIN and with SCRAM."""
    stage = set_stage(caps="", **WITH_SCRAM)
    stage.attach("laptop", "alice")
    password = make_password(stage, "laptop", "phone")
    for peer, said, username in (("one", password, "alice/libera"), ("two", f"alice/libera@x:{password}", "x")):
        stage.say(peer, f"PASS {said}")
        stage.say(peer, "NICK alice")
        stage.say(peer, f"USER {username} 0 * :Alice")
        play(stage, f"{peer} < 001 alice *", rest=True)
    stage.forget()
    play(stage, begin_sasl() + by_plain("alice", password) + begin_sasl("other"))
    Scram(stage, "alice", password, peer="other").log_in()
    Scram(stage, "alice", "guess", peer="other").fail()


def test_a_password_for_a_client_is_its_users_alone(set_stage: SetStage) -> None:
    stage = set_stage(**WITH_SCRAM)
    stage.attach("laptop", "alice")
    password = make_password(stage, "laptop", "phone")
    ask(stage, "laptop", "user create -username bob -password x")
    stage.forget()
    play(stage, begin_sasl() + by_plain("bob", password, "904"))
    Scram(stage, "bob", password).fail()


def test_passwords_are_listed_with_their_last_use(set_inline: SetInline) -> None:
    stage = set_inline()
    stage.attach("laptop", "alice")
    assert ask(stage, "laptop", "password status") == ["You have made no passwords for clients"]
    password = make_password(stage, "laptop", "my phone")
    make_password(stage, "laptop", "tablet")
    play(stage, begin_sasl() + by_plain("alice", password))
    assert ask(stage, "laptop", "password status") == [
        "my phone: last used 2023-11-14 22:13 UTC from 127.0.0.1",
        "tablet: never used",
    ]


def test_a_password_that_is_taken_back_ends_the_connections_that_used_it(set_stage: SetStage) -> None:
    """And no others; who has not finished to log in with it does not come in."""
    stage = set_stage()
    stage.attach("laptop", "alice")
    password, other = make_password(stage, "laptop", "phone"), make_password(stage, "laptop", "tablet")
    for peer, secret in (("phone", password), ("tablet", other), ("late", password)):
        play(stage, begin_sasl(peer) + by_plain("alice", secret, peer=peer))
        if peer != "late":
            script = f"{peer} > NICK alice\n{peer} > USER alice 0 * :Alice\n{peer} > CAP END\n{peer} < 001 alice *"
            play(stage, script, rest=True)
            stage.forget()
    play(
        stage,
        """
        laptop > PRIVMSG BouncerServ :password delete phone
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice :The password for phone was deleted
        phone < ERROR :The password that you logged in with was deleted
        phone < (closed)
        late > NICK alice
        late > USER alice 0 * :Alice
        late > CAP END
        late < ERROR :What you may log in with has changed, connect again
        late < (closed)
        """,
    )
    play(stage, begin_sasl() + by_plain("alice", password, "904") + by_plain("alice", other))


def test_what_cannot_be_done_with_passwords_is_said(set_inline: SetInline) -> None:
    stage = set_inline()
    stage.attach("laptop", "alice")
    make_password(stage, "laptop", "phone")
    assert ask(stage, "laptop", "password create phone") == ["error: there is a password named phone already"]
    assert ask(stage, "laptop", "password delete pone") == ["error: you have no password named 'pone'"]
    for name in ("' '", "x" * 65, "''"):
        (said,) = ask(stage, "laptop", f"password create {name}")
        assert said == "error: a name has 1 to 64 characters, at least one of them not a space"
    for number in range(MOST_CREDENTIALS - 1):
        make_password(stage, "laptop", f"n{number}")
        stage.world.advance(1)
    assert ask(stage, "laptop", "password create more") == ["error: there are 100 passwords already"]


def test_a_new_password_of_the_user_leaves_those_of_clients(set_stage: SetStage) -> None:
    """But all connections have to begin again (row SVC-21)."""
    stage = set_stage(**WITH_SCRAM)
    stage.attach("laptop", "alice")
    password = make_password(stage, "laptop", "phone")
    play(
        stage,
        """
        laptop > PRIVMSG BouncerServ :user update -password other
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice :User alice was updated
        laptop < ERROR :The password was changed
        laptop < (closed)
        """,
    )
    play(stage, begin_sasl() + by_plain("alice", "secret", "904") + by_plain("alice", password))
    for name, secret in (("one", password), ("two", "other")):
        play(stage, begin_sasl(name))
        Scram(stage, "alice", secret, peer=name).log_in()
    play(stage, begin_sasl("three"))
    Scram(stage, "alice", "secret", peer="three").fail()


# --- certificates


def test_certificates_are_named_listed_and_taken_back(set_inline: SetInline) -> None:
    """Rows SVC-16, SVC-17, SVC-18."""
    stage = set_inline(**WITH_CERTIFICATES)
    show(stage, "phone", PHONE)
    assert ask(stage, "phone", "device-certificate status") == ["You have no certificates of devices"]
    assert ask(stage, "phone", "device-certificate create -label 'my phone'") == [
        "You can log in with the certificate of my phone now (SASL EXTERNAL)"
    ]
    assert ask(stage, "phone", "device-certificate create -label again") == [
        "This certificate is there already, as my phone"
    ]
    colons = ":".join(LAPTOP[at : at + 2] for at in range(0, 128, 2)).upper()
    ask(stage, "phone", f"device-certificate create -label laptop -fingerprint {colons}")
    assert ask(stage, "phone", "device-certificate status") == [
        "abababababab my phone: never used",
        "cdcdcdcdcdcd laptop: never used",
    ]
    assert ask(stage, "phone", f"device-certificate delete {LAPTOP[:12]}") == ["The certificate of laptop was deleted"]
    assert ask(stage, "phone", f"device-certificate delete {LAPTOP[:12]}") == [
        "error: you have no certificate with this fingerprint"
    ]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (
            "create -label x -fingerprint abab",
            "-fingerprint is the SHA-512 hash of a certificate: 128 hexadecimal digits",
        ),
        ("create", "device-certificate create needs -label: what you call the device"),
        ("delete abababab", "give at least the first 12 hexadecimal digits of the fingerprint"),
        ("delete zzzzzzzzzzzz", "give at least the first 12 hexadecimal digits of the fingerprint"),
        (f"delete {'ab' * 6}", "several certificates begin like that: one, two"),
    ],
)
def test_what_cannot_be_done_with_certificates_is_said(set_inline: SetInline, command: str, error: str) -> None:
    """Row SVC-18."""
    stage = set_inline(**WITH_CERTIFICATES)
    show(stage, "phone", PHONE)
    for label, fingerprint in (("one", "ab" * 63 + "01"), ("two", "ab" * 63 + "02")):
        ask(stage, "phone", f"device-certificate create -label {label} -fingerprint {fingerprint}")
    assert ask(stage, "phone", f"device-certificate {command}") == [f"error: {error}"]


def test_a_client_without_a_certificate_cannot_name_it(set_stage: SetStage) -> None:
    """Row SVC-17."""
    stage = set_stage(**WITH_CERTIFICATES)
    stage.attach("laptop", "alice")
    assert ask(stage, "laptop", "device-certificate create -label laptop") == [
        "error: your client has shown no certificate: set one up in it, or give a -fingerprint"
    ]


def test_where_certificates_are_not_taken_there_is_nothing_to_name(set_stage: SetStage) -> None:
    """Rows CFG-21, CMD-28."""
    stage = set_stage()
    stage.attach("laptop", "alice")
    for command in ("status", "create -label x", "delete abababababab"):
        assert ask(stage, "laptop", f"device-certificate {command}") == [
            "error: this bouncer takes no certificates (client_cert_auth is off)"
        ]
    play(stage, "laptop > CLIENTCERT LIST\n laptop < 421 alice CLIENTCERT *")


def test_clients_manage_certificates_by_themselves(set_inline: SetInline) -> None:
    """Row CMD-28.

    Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/client-cert.md
    """
    stage = set_inline(**WITH_CERTIFICATES)
    show(stage, "phone", PHONE, "sasl batch soju.im/client-cert")
    play(
        stage,
        f"""
        phone > CLIENTCERT LIST
        phone < BATCH $empty soju.im/client-cert
        phone < BATCH *
        phone > CLIENTCERT CREATE :my phone
        phone < CLIENTCERT CREATE
        phone > clientcert create :again
        phone < CLIENTCERT CREATE
        {begin_sasl()}
        """,
        rest=True,
    )
    by_certificate(stage, "second", PHONE)
    play(
        stage,
        f"""
        phone > CLIENTCERT LIST
        phone < BATCH +certificates$number soju.im/client-cert
        phone < @batch=certificates$number CLIENTCERT LIST {PHONE} {USED}
        phone < BATCH -certificates$number
        second > CLIENTCERT LIST
        second < CLIENTCERT LIST {PHONE} {USED}
        phone > CLIENTCERT DELETE
        phone < CLIENTCERT DELETE
        second < ERROR :The certificate that you logged in with was deleted
        second < (closed)
        phone > CLIENTCERT DELETE {LAPTOP}
        phone < FAIL CLIENTCERT INTERNAL_ERROR DELETE *
        phone > CLIENTCERT DELETE abab
        phone < FAIL CLIENTCERT INTERNAL_ERROR DELETE *
        phone > CLIENTCERT FROBNICATE
        phone < FAIL CLIENTCERT UNKNOWN_COMMAND FROBNICATE *
        phone > CLIENTCERT CREATE :{"é" * 50}
        phone < CLIENTCERT CREATE
        phone > CLIENTCERT DELETE {PHONE.upper()}
        phone < CLIENTCERT DELETE {PHONE.upper()}
        """,
    )
    show(stage, "bare", "")
    play(stage, "bare > CLIENTCERT CREATE x\n bare < FAIL CLIENTCERT NOCERT CREATE *")


def test_a_certificate_is_one_users(set_inline: SetInline) -> None:
    """Row DBT-04."""
    stage = set_inline(**WITH_CERTIFICATES)
    show(stage, "phone", PHONE)
    play(stage, "phone > CLIENTCERT CREATE phone\n phone < CLIENTCERT CREATE")
    said = ask(stage, "phone", "user create -username bob -password x")
    assert said == ["User bob was created"]
    assert ask(stage, "phone", f"user run bob device-certificate create -label x -fingerprint {PHONE}") == [
        "error: this certificate is another user's"
    ]
