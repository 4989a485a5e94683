"""WHO and WHOIS: what is known here, and what is learned (rows CMD-16, CMD-17, CCH-02, CCH-03, UP-21)."""

from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.support.dialog import play
from tests.support.fakeserver import ISUPPORT


def test_who_is_answered_from_memory_when_all_is_known(set_stage: SetStage) -> None:
    """Row CCH-02: what the server tells meanwhile counts."""
    stage = set_stage()
    stage.attach("laptop", caps="away-notify")
    play(
        stage,
        """
        laptop > WHO #soju
        libera < @label=$w WHO #soju
        libera > @label=$w :irc.libera.test BATCH +1 labeled-response
        libera > @batch=1 :irc.libera.test 352 alice #soju a host irc.libera.test alice H :0 Alice
        laptop < :irc.libera.test 352 **
        libera > @batch=1 :irc.libera.test 352 alice #soju b host irc.libera.test bob H*@ :3 Bob
        laptop < :irc.libera.test 352 **
        libera > @batch=1 :irc.libera.test 352 alice #soju c host irc.libera.test carol G :0 Carol
        laptop < :irc.libera.test 352 **
        libera > @batch=1 :irc.libera.test 315 alice #soju :End
        laptop < :irc.libera.test 315 **
        libera > :irc.libera.test BATCH -1
        laptop > WHO #SOJU
        laptop < 352 alice #soju a host irc.libera.test alice H :0 Alice
        laptop < 352 alice #soju b host irc.libera.test bob H*@ :0 Bob
        laptop < 352 alice #soju c host irc.libera.test carol G :0 Carol
        laptop < 315 alice #SOJU *
        laptop > WHO CAROL
        laptop < 352 alice * c host irc.libera.test carol G :0 Carol
        laptop < 315 alice CAROL *
        libera > @time=2024-01-01T00:00:00.000Z :carol!c@host AWAY
        laptop < :carol!c@host AWAY
        libera > @time=2024-01-01T00:00:00.000Z :carol!c@host SETNAME :Karol
        libera > @time=2024-01-01T00:00:00.000Z :carol!c@host CHGHOST k else
        laptop < :carol!c@host QUIT :Changing host
        laptop < :carol!k@else JOIN #soju
        libera > @time=2024-01-01T00:00:00.000Z :carol!k@else NICK karol
        laptop < :carol!k@else NICK karol
        laptop > WHO karol
        laptop < 352 alice * k else irc.libera.test karol H :0 Karol
        laptop < 315 alice karol *
        laptop > WHO carol
        libera < @label=* WHO carol
        laptop > WHO #soju %tnf,42
        laptop < 354 alice 42 alice H
        laptop < 354 alice 42 bob H*@
        laptop < 354 alice 42 karol H
        laptop < 315 alice #soju *
        laptop > WHO bob %cihlodr
        laptop < 354 alice * 255.255.255.255 host 0 0 0 Bob
        laptop < 315 alice bob *
        laptop > WHO #soju o%n
        libera < @label=* WHO #soju o%n
        laptop > WHO #soju %na
        libera < @label=* WHO #soju %na
        libera > @time=2024-01-01T00:00:00.000Z :dave!d@host JOIN #soju * :Dave
        laptop < :dave!d@host JOIN #soju
        laptop > WHO #soju
        libera < @label=* WHO #soju
        """,
    )


def test_the_service_is_known_everywhere(set_stage: SetStage) -> None:
    """Rows CMD-16, CMD-17."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > WHO bouncerserv
        laptop < 352 alice * BouncerServ bouncer.test bouncer.test BouncerServ HB *
        laptop < 315 alice bouncerserv *
        laptop > WHOIS BOUNCERSERV
        laptop < 311 alice BouncerServ BouncerServ bouncer.test * *
        laptop < 312 alice BouncerServ bouncer.test *
        laptop < 313 alice BouncerServ *
        laptop < 335 alice BouncerServ *
        laptop < 318 alice BouncerServ *
        laptop > WHO
        laptop < 315 alice * *
        laptop > WHOIS
        laptop < 431 alice *
        """,
    )


def test_the_fields_of_who_are_learned_from_the_servers_answers(set_stage: SetStage) -> None:
    """Rows CCH-02, UP-21: of accounts nothing is told from memory before all of them are known."""
    stage = set_stage(caps="", isupport=f"{ISUPPORT} WHOX")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > WHO bob %tnuhsr,7
        libera < WHO bob %tnuhsr,7
        libera > :irc.libera.test 354 alice 7 b host irc.libera.test bob :Bob
        laptop < :irc.libera.test 354 alice 7 b host irc.libera.test bob Bob
        libera > :irc.libera.test 315 alice bob :End
        laptop < :irc.libera.test 315 alice bob End
        laptop > WHO BOB %tnr,8
        laptop < 354 alice 8 bob Bob
        laptop < 315 alice BOB *
        laptop > WHO bob %nf
        libera < WHO bob %nf
        """,
    )


def test_accounts_are_told_from_memory_if_the_server_tells_of_changes(set_inline: SetInline) -> None:
    """Row CCH-02: the field a needs account-notify, f needs away-notify."""
    stage = set_inline(caps="account-notify away-notify")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > WHO bob %naf
        libera < WHO bob %naf
        libera > :irc.libera.test 354 alice bob G 0
        laptop < :irc.libera.test 354 alice bob G 0
        libera > :irc.libera.test 315 alice bob :End
        laptop < :irc.libera.test 315 alice bob End
        laptop > WHO bob %naf
        laptop < 354 alice bob G 0
        laptop < 315 alice bob *
        libera > @time=2024-01-01T00:00:00.000Z :bob!b@host ACCOUNT robert
        laptop > WHO bob %a
        laptop < 354 alice robert
        laptop < 315 alice bob *
        """,
    )


def test_a_whois_of_several_nicks_is_one_question_for_each(set_inline: SetInline) -> None:
    """Row TOD-05: better, none of them is dropped; the service among them is known here."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > WHOIS irc.libera.test bob,BouncerServ,carol
        libera < WHOIS irc.libera.test bob
        laptop < 311 alice BouncerServ **
        laptop < 312 **
        laptop < 313 **
        laptop < 335 **
        laptop < 318 alice BouncerServ *
        libera > :irc.libera.test 318 alice bob :End
        laptop < :irc.libera.test 318 alice bob End
        libera < WHOIS irc.libera.test carol
        """,
    )
    stage.say("laptop", "WHOIS " + ",".join(f"n{number}" for number in range(101)))
    assert " 407 alice " in (stage.next_line("laptop") or "")
