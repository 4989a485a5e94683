"""FAIL, WARN and NOTE of servers, and servers that take UTF-8 alone (rows UP-28, ISU-09).

Spec: https://ircv3.net/specs/extensions/standard-replies
"""

from tests.behaviour.dialogs.conftest import SetStage, everywhere
from tests.support.dialog import play


@everywhere
def test_who_does_not_understand_them_gets_the_sentence(set_stage: SetStage) -> None:
    """The bouncer has asked the server for them, which has sent notices without it."""
    stage = set_stage(channels=())
    stage.attach("laptop")
    stage.attach("phone", caps="standard-replies")
    play(
        stage,
        """
        libera > :irc.libera.test NOTE * OPER_MESSAGE :Thanks for flying
        laptop < :irc.libera.test NOTICE alice :Thanks for flying
        phone < :irc.libera.test NOTE * OPER_MESSAGE :Thanks for flying
        libera > :irc.libera.test WARN REHASH CERTS_EXPIRED cert :Expired
        laptop < :irc.libera.test NOTICE alice :REHASH: Expired
        phone < :irc.libera.test WARN REHASH CERTS_EXPIRED cert :Expired
        """,
    )


def test_an_answer_goes_to_who_asked(set_stage: SetStage) -> None:
    """Row UP-28; those of a command whose own specification has them are for whoever gives it."""
    stage = set_stage(channels=())
    stage.attach("laptop")
    stage.attach("phone", caps="standard-replies")
    play(
        stage,
        """
        laptop > KNOCK #soju
        libera < @label=$one KNOCK #soju
        libera > @label=$one :irc.libera.test FAIL KNOCK NOT_NOW :Later
        laptop < :irc.libera.test NOTICE alice :KNOCK: Later
        phone > KNOCK #soju
        libera < @label=$two KNOCK #soju
        libera > @label=$two :irc.libera.test FAIL KNOCK NOT_NOW :Later
        phone < :irc.libera.test FAIL KNOCK NOT_NOW :Later
        laptop > SETNAME :x
        libera < @label=$three SETNAME :x
        libera > @label=$three :irc.libera.test FAIL SETNAME INVALID_REALNAME :No
        laptop < :irc.libera.test FAIL SETNAME INVALID_REALNAME :No
        """,
    )


@everywhere
def test_a_server_that_takes_utf8_alone_gets_nothing_else(set_stage: SetStage) -> None:
    """What is stored and shown is what was sent; who understands it is told.

    Spec: https://ircv3.net/specs/extensions/utf8-only
    """
    stage = set_stage(caps="message-tags", isupport="UTF8ONLY CHANTYPES=#", channels=("#soju",))
    stage.attach("laptop", caps="echo-message")
    stage.attach("phone", caps="standard-replies")
    play(
        stage,
        """
        laptop > PRIVMSG #soju :caf\udce9
        libera < PRIVMSG #soju :café
        laptop < :alice!a@host PRIVMSG #soju :café
        phone < :alice!a@host PRIVMSG #soju :café
        phone > PRIVMSG #soju :caf\udce9
        phone < WARN PRIVMSG INVALID_UTF8 *
        libera < PRIVMSG #soju :café
        laptop < :alice!a@host PRIVMSG #soju :café
        phone > PRIVMSG #soju :naïve
        libera < PRIVMSG #soju :naïve
        laptop < :alice!a@host PRIVMSG #soju :naïve
        libera > :irc.libera.test 005 alice -UTF8ONLY :are supported by this server
        laptop < 005 * -UTF8ONLY *
        phone < 005 * -UTF8ONLY *
        phone > PRIVMSG #soju :caf\udce9
        libera < PRIVMSG #soju :caf\udce9
        laptop < :alice!a@host PRIVMSG #soju :caf\udce9
        """,
    )
