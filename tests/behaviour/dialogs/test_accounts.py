"""Who the user is on the network: accounts, hosts, passwords told to NickServ (rows UP-04, NUM-04, AUP-04, AUP-05)."""

import pytest

from soju_actors.model.records import SaslMechanism, UserId
from soju_actors.ports.database import LoadSettings, SettingsLoaded
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.stages import InlineStage
from tests.support.dialog import play


def test_a_login_to_the_server_is_told_to_who_knows_of_such(set_stage: SetStage) -> None:
    """Rows UP-04, NUM-04: and to who comes later."""
    stage = set_stage(caps="chghost sasl", channels=())
    stage.attach("laptop", caps="sasl chghost")
    stage.attach("phone")
    play(
        stage,
        """
        libera > :irc.libera.test 900 alice alice!al@host ally :You are now logged in as ally
        laptop < :irc.libera.test 900 alice alice!al@host ally *
        libera > :irc.libera.test 396 alice cloak.test :is now your hidden host
        laptop < :irc.libera.test 396 alice cloak.test *
        phone < :irc.libera.test 396 alice cloak.test *
        libera > :alice!al@cloak.test CHGHOST ally users/ally
        laptop < :alice!al@cloak.test CHGHOST ally users/ally
        phone < 396 alice users/ally *
        """,
    )
    stage.log_in("tablet", caps="sasl")
    play(stage, "")
    play(
        stage,
        """
        libera > :irc.libera.test 901 alice alice!al@host :You are now logged out
        laptop < :irc.libera.test 901 alice alice!al@host *
        tablet < :irc.libera.test 901 alice alice!al@host *
        """,
    )


def test_the_welcome_names_the_account_and_the_host(set_stage: SetStage) -> None:
    """Row NUM-01."""
    stage = set_stage(caps="chghost", channels=())
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :irc.libera.test 900 alice alice!al@host ally :You are now logged in as ally
        libera > :alice!al@host CHGHOST ally users/ally
        laptop < 396 alice users/ally *
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > PASS secret
        new > NICK alice
        new > USER alice/libera 0 * :Alice
        new > CAP END
        new < 001 **
        new < 002 **
        new < 004 **
        new < 005 **
        new < 221 **
        new < 396 alice users/ally *
        new < 900 alice alice!ally@users/ally ally *
        new < 422 **
        """,
    )


def sasl_of(stage: InlineStage) -> tuple[SaslMechanism, str, str]:
    """Return the login of the network as it is stored."""
    loaded = stage.world.database.reader().perform(LoadSettings(UserId(1)))
    assert isinstance(loaded, SettingsLoaded)
    assert loaded.settings is not None
    (network,) = loaded.settings.networks
    return network.sasl, network.sasl_username, network.sasl_password


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("IDENTIFY hunter2", (SaslMechanism.PLAIN, "alice", "hunter2")),
        ("IDENTIFY ally hunter2", (SaslMechanism.PLAIN, "ally", "hunter2")),
        ("REGISTER hunter2 a@b.test", (SaslMechanism.PLAIN, "alice", "hunter2")),
        ("SET EMAIL a@b.test", (SaslMechanism.NONE, "", "")),
        ("HELP", (SaslMechanism.NONE, "", "")),
    ],
)
def test_a_password_told_to_nickserv_is_kept_for_the_next_login(
    set_inline: SetInline, text: str, login: tuple[SaslMechanism, str, str]
) -> None:
    """Rows AUP-04, AUP-05."""
    stage = set_inline(caps="", channels=())
    stage.attach("laptop")
    play(stage, f"laptop > PRIVMSG NickServ :{text}\nlibera < PRIVMSG NickServ :{text}")
    assert sasl_of(stage) == login


def test_a_certificate_is_not_replaced_by_a_password(set_inline: SetInline) -> None:
    """Row AUP-04."""
    stage = set_inline(caps="", channels=(), of_network={"sasl": SaslMechanism.EXTERNAL})
    stage.attach("laptop")
    play(stage, "laptop > PRIVMSG NickServ :IDENTIFY hunter2\nlibera < PRIVMSG NickServ :IDENTIFY hunter2")
    assert sasl_of(stage)[0] is SaslMechanism.EXTERNAL
