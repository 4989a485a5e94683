"""JOIN, PART, KICK, TOPIC, MODE, NAMES (rows CMD-07 to CMD-13, CMD-15)."""

from tests.behaviour.dialogs.conftest import SetStage
from tests.support.dialog import play


def test_a_channel_that_is_joined_is_shown_when_its_names_are_complete(set_stage: SetStage) -> None:
    """Spec: https://modern.ircdocs.horse/#join-message."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > JOIN #new key
        libera < JOIN #new key
        libera > :alice!a@host JOIN #new
        libera < MODE #new
        libera > :irc.libera.test 332 alice #new :Things
        libera > :irc.libera.test 333 alice #new bob 1700000000
        libera > :irc.libera.test 353 alice = #new :@alice bob
        libera > :irc.libera.test 366 alice #new :End of /NAMES list.
        laptop < :alice!a@host JOIN #new
        laptop < 332 alice #new Things
        laptop < 333 alice #new bob 1700000000
        laptop < 353 alice = #new :@alice bob
        laptop < 366 alice #new *
        """,
    )
