"""Clients log in to the server and make accounts there (rows CMD-19, CMD-20, CAPD-18, CAPD-23, AUP-04)."""

from typing import Any

import pytest

from soju_actors.model.records import SaslMechanism, UserId
from soju_actors.ports.database import LoadSettings, SettingsLoaded
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.dialogs.logins import plain
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play

SASL: dict[str, Any] = {"caps": "sasl=PLAIN,EXTERNAL", "channels": ()}
ACCOUNTS: dict[str, Any] = {"caps": "draft/account-registration=before-connect,email-required", "channels": ()}
LOGIN = f"""
    laptop > AUTHENTICATE PLAIN
    laptop < AUTHENTICATE +
    laptop > AUTHENTICATE {plain("ally", "hunter2")}
    libera < AUTHENTICATE PLAIN
    libera > AUTHENTICATE +
    libera < AUTHENTICATE {plain("ally", "hunter2")}
"""


def login_of(stage: InlineStage) -> tuple[SaslMechanism, str, str]:
    """Return the login of the network as it is stored."""
    loaded = stage.world.database.reader().perform(LoadSettings(UserId(1)))
    assert isinstance(loaded, SettingsLoaded)
    assert loaded.settings is not None
    (network,) = loaded.settings.networks
    return network.sasl, network.sasl_username, network.sasl_password


def attach(stage: AnyStage, caps: str = "sasl") -> None:
    stage.attach("laptop", caps=caps)


# --- AUTHENTICATE


def test_a_client_logs_in_to_the_server_and_that_is_kept(set_inline: SetInline) -> None:
    """Rows CMD-19, AUP-04."""
    stage = set_inline(**SASL)
    attach(stage)
    play(stage, LOGIN)
    assert login_of(stage) == (SaslMechanism.NONE, "", "")
    play(
        stage,
        """
        libera > :irc.libera.test 900 alice alice!a@host ally :You are now logged in as ally
        laptop < :irc.libera.test 900 alice alice!a@host ally *
        libera > :irc.libera.test 903 alice :SASL authentication successful
        laptop < :irc.libera.test 903 alice *
        """,
    )
    assert login_of(stage) == (SaslMechanism.PLAIN, "ally", "hunter2")


@pytest.mark.parametrize("numeric", ["902", "904", "905", "906", "907"])
def test_a_login_that_the_server_refuses_is_told_and_not_kept(set_inline: SetInline, numeric: str) -> None:
    """Rows CMD-19, UP-05."""
    stage = set_inline(**SASL)
    attach(stage)
    stage.attach("phone")
    play(
        stage,
        f"""
        {LOGIN}
        libera > :irc.libera.test {numeric} alice :no
        laptop < :irc.libera.test {numeric} alice :no
        """,
    )
    assert login_of(stage) == (SaslMechanism.NONE, "", "")
    play(stage, LOGIN)


def test_a_certificate_is_not_replaced_by_a_login(set_inline: SetInline) -> None:
    """Row AUP-04."""
    stage = set_inline(**SASL, of_network={"sasl": SaslMechanism.EXTERNAL})
    stage.say("libera", ":irc.libera.test 904 alice :no")
    stage.world.advance(1)
    attach(stage)
    play(stage, f"{LOGIN} libera > :irc.libera.test 903 alice :yes\n laptop < :irc.libera.test 903 alice :yes")
    assert login_of(stage)[0] is SaslMechanism.EXTERNAL


def test_a_long_password_goes_to_the_server_in_chunks(set_stage: SetStage) -> None:
    """Spec: https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command."""
    stage = set_stage(**SASL)
    attach(stage)
    response = plain("ally", "x" * 400)
    play(
        stage,
        f"""
        laptop > AUTHENTICATE PLAIN
        laptop < AUTHENTICATE +
        laptop > AUTHENTICATE {response[:400]}
        laptop > AUTHENTICATE {response[400:]}
        libera < AUTHENTICATE PLAIN
        libera > AUTHENTICATE +
        libera < AUTHENTICATE {response[:400]}
        libera < AUTHENTICATE {response[400:]}
        """,
    )


def test_one_logs_in_after_the_other(set_stage: SetStage) -> None:
    """Row CMD-19: one attempt at a time."""
    stage = set_stage(**SASL)
    attach(stage)
    stage.attach("phone", caps="sasl")
    play(
        stage,
        f"""
        {LOGIN}
        phone > AUTHENTICATE PLAIN
        phone < AUTHENTICATE +
        phone > AUTHENTICATE {plain("bob", "x")}
        libera > :irc.libera.test 904 alice :no
        laptop < :irc.libera.test 904 alice :no
        libera < AUTHENTICATE PLAIN
        libera > AUTHENTICATE +
        libera < AUTHENTICATE {plain("bob", "x")}
        libera > :irc.libera.test 903 alice :yes
        phone < :irc.libera.test 903 alice :yes
        """,
    )


def test_what_is_no_login_is_refused(set_stage: SetStage) -> None:
    """Row CMD-19."""
    stage = set_stage(**SASL)
    attach(stage)
    play(
        stage,
        """
        laptop > AUTHENTICATE SCRAM-SHA-256
        laptop < 908 alice PLAIN,ANONYMOUS *
        laptop < 904 alice *
        laptop > AUTHENTICATE PLAIN
        laptop < AUTHENTICATE +
        laptop > AUTHENTICATE *
        laptop < 906 alice *
        laptop > AUTHENTICATE PLAIN
        laptop < AUTHENTICATE +
        laptop > AUTHENTICATE !!!
        laptop < 904 alice *
        laptop > AUTHENTICATE PLAIN
        laptop < AUTHENTICATE +
        laptop > AUTHENTICATE YWxpY2U=
        laptop < 904 alice *
        laptop > AUTHENTICATE
        laptop < 461 alice AUTHENTICATE *
        """,
    )


def test_without_a_server_that_takes_passwords_there_is_nothing_to_log_in_to(set_stage: SetStage) -> None:
    """Row CMD-19."""
    stage = set_stage(caps="sasl=EXTERNAL", channels=())
    attach(stage)
    stage.attach("unbound", "alice", caps="sasl")
    for peer in ("laptop", "unbound"):
        play(stage, f"{peer} > AUTHENTICATE PLAIN\n {peer} < 904 alice *")


def test_a_server_that_does_not_answer_or_leaves_ends_the_login(set_inline: SetInline) -> None:
    """Row RTE-05."""
    stage = set_inline(**SASL)
    attach(stage)
    play(stage, LOGIN)
    stage.world.advance(31)
    play(stage, "laptop < 906 alice *")
    play(stage, LOGIN)
    stage.say("libera", "(closed)")
    assert ":bouncer.test 906 alice :The server is gone" in stage.heard("laptop")


def test_anonymous_forgets_the_login_and_connects_again(set_inline: SetInline) -> None:
    """Row CMD-19."""
    stage = set_inline(**SASL)
    attach(stage)
    play(stage, f"{LOGIN} libera > :irc.libera.test 903 alice :yes\n laptop < :irc.libera.test 903 alice :yes")
    play(
        stage,
        """
        laptop > AUTHENTICATE ANONYMOUS
        laptop < AUTHENTICATE +
        laptop > AUTHENTICATE +
        laptop < 903 alice *
        libera < QUIT *
        """,
        rest=True,
    )
    assert login_of(stage) == (SaslMechanism.NONE, "", "")


# --- capabilities


def test_sasl_is_offered_as_the_server_has_it(set_inline: SetInline) -> None:
    """Row CAPD-18: and no more while the server is away."""
    stage = set_inline(**SASL)
    assert any("NEW" in line and "sasl=PLAIN,ANONYMOUS" in line for line in before_welcome(stage))


def before_welcome(stage: InlineStage) -> list[str]:
    stage.forget()
    stage.say("second", "CAP LS 302")
    stage.say("second", "CAP REQ :cap-notify")
    for line in ("PASS secret", "NICK alice", "USER alice/libera 0 * :Alice", "CAP END"):
        stage.say("second", line)
    return stage.heard("second")


def test_sasl_comes_and_goes_with_the_server(set_inline: SetInline) -> None:
    """Row CAPD-18."""
    stage = set_inline(**SASL)
    attach(stage, "cap-notify sasl")
    stage.say("libera", "(closed)")
    assert any(line.startswith(":bouncer.test CAP alice DEL") and "sasl" in line for line in stage.heard("laptop"))


def test_a_server_without_passwords_has_no_sasl_for_clients(set_inline: SetInline) -> None:
    """Row CAPD-18."""
    stage = set_inline(caps="sasl=EXTERNAL", channels=())
    assert any("DEL" in line and "sasl" in line for line in before_welcome(stage))


def test_accounts_can_be_made_where_the_server_makes_them(set_inline: SetInline) -> None:
    """Row CAPD-23: but not before the connection, which is the bouncer's."""
    stage = set_inline(**ACCOUNTS)
    offered = [line for line in before_welcome(stage) if "draft/account-registration" in line]
    assert len(offered) == 1
    assert "draft/account-registration=email-required" in offered[0]


# --- REGISTER and VERIFY


def test_an_account_that_a_client_makes_is_kept_as_the_login(set_inline: SetInline) -> None:
    """Row CMD-20.

    Spec: https://ircv3.net/specs/extensions/account-registration
    """
    stage = set_inline(**ACCOUNTS)
    attach(stage, "")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > REGISTER * a@b.test hunter2
        libera < REGISTER * a@b.test hunter2
        libera > :irc.libera.test REGISTER SUCCESS alice :Account created
        laptop < :irc.libera.test REGISTER SUCCESS alice *
        """,
    )
    assert login_of(stage) == (SaslMechanism.PLAIN, "alice", "hunter2")


def test_an_account_that_is_to_be_verified_is_kept_when_it_is(set_inline: SetInline) -> None:
    """Row CMD-20, better: the password is not known any more when the account is complete."""
    stage = set_inline(**ACCOUNTS)
    attach(stage, "")
    play(
        stage,
        """
        laptop > REGISTER ally a@b.test hunter2
        libera < REGISTER ally a@b.test hunter2
        libera > :irc.libera.test REGISTER VERIFICATION_REQUIRED ally :Look at your mail
        laptop < :irc.libera.test REGISTER VERIFICATION_REQUIRED ally *
        laptop > VERIFY ally 123
        libera < VERIFY ally 123
        libera > :irc.libera.test FAIL VERIFY INVALID_CODE ally :Wrong
        laptop < :irc.libera.test FAIL VERIFY INVALID_CODE ally *
        """,
    )
    assert login_of(stage) == (SaslMechanism.NONE, "", "")
    play(
        stage,
        """
        laptop > VERIFY ally 321
        libera < VERIFY ally 321
        libera > :irc.libera.test VERIFY SUCCESS ally :Complete
        laptop < :irc.libera.test VERIFY SUCCESS ally *
        """,
    )
    assert login_of(stage) == (SaslMechanism.PLAIN, "ally", "hunter2")


def test_a_refused_account_is_not_kept(set_inline: SetInline) -> None:
    """Row CMD-20."""
    stage = set_inline(**ACCOUNTS)
    attach(stage, "")
    play(
        stage,
        """
        laptop > REGISTER ally
        laptop < 461 alice REGISTER *
        laptop > VERIFY ally
        laptop < 461 alice VERIFY *
        laptop > REGISTER ally * hunter2
        libera < REGISTER ally * hunter2
        libera > :irc.libera.test FAIL REGISTER ACCOUNT_EXISTS ally :Taken
        laptop < :irc.libera.test FAIL REGISTER ACCOUNT_EXISTS ally *
        """,
    )
    assert login_of(stage) == (SaslMechanism.NONE, "", "")


def test_where_no_accounts_are_made_the_client_is_told_so(set_stage: SetStage) -> None:
    """Row CMD-20: also while the server is away."""
    stage = set_stage(caps="", channels=())
    attach(stage, "")
    refused = """
        laptop > REGISTER ally * hunter2
        laptop < FAIL REGISTER TEMPORARILY_UNAVAILABLE ally *
        laptop > VERIFY ally 123
        laptop < FAIL VERIFY TEMPORARILY_UNAVAILABLE ally *
    """
    play(stage, refused)
