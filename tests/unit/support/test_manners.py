"""The checker of what clients are sent bites, and only where it should."""

import pytest

from tests.support.manners import Judge, judged
from tests.support.tap import Line

WELCOME = """
> CAP LS 302
> PASS secret
> NICK u1
> USER u1/net 0 * :u1
< :bouncer.test CAP * LS :server-time message-tags batch away-notify extended-join labeled-response
> CAP REQ :server-time batch
< :bouncer.test CAP * ACK :server-time batch
> CAP END
< :bouncer.test 001 u1 :Welcome
< :bouncer.test 005 u1 CHANTYPES=# :are supported by this server
< :bouncer.test 422 u1 :No MOTD
< :u1!u1@host JOIN #room
< :bouncer.test 353 u1 = #room :u1 @friend
< :bouncer.test 366 u1 #room :End of /NAMES list
"""


def judge(script: str) -> Judge:
    """Judge a welcomed connection that goes on with a script."""
    lines = (WELCOME + script).strip().splitlines()
    return judged(Line(line.startswith(">"), line.strip()[2:]) for line in lines)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "< @time=2026-01-01T00:00:00.000Z :bob!b@host PRIVMSG #room :hi",
        "< BATCH +h1 chathistory #room\n< @batch=h1 :bob!b@host PRIVMSG #room :hi\n< BATCH -h1",
        "> who #room\n< :bouncer.test 352 u1 #room b host irc.test bob H :0 Bob\n< :bouncer.test 315 u1 #room :End",
        "> MODE #room\n< :bouncer.test 324 u1 #room +nt",
        "> JOIN #other\n< :irc.test 324 u1 #other +nt",
        "> CAP REQ away-notify\n< :bouncer.test CAP u1 ACK :away-notify\n< :bob!b@host AWAY :gone",
        "> CAP REQ extended-join\n< :bouncer.test CAP u1 ACK extended-join\n< :bob!b@host JOIN #room * :Bob",
        "> CAP REQ :labeled-response\n< :b CAP u1 ACK :labeled-response\n> @label=1 WHO b\n< @label=1 :b 401 u1 b :No",
        "< :u1!u1@host NICK u2\n< :bouncer.test 221 u2 +i",
        "< PING :token\n> PONG token\n< ERROR :Quit",
    ],
)
def test_what_a_client_may_be_sent_is_no_complaint(script: str) -> None:
    assert judge(script).complaints == []


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("< @account=bob :bob!b@host PRIVMSG #room :hi", "has a tag account without account-tag"),
        ("< @msgid=1 :bob!b@host PRIVMSG #room :hi", "has a tag msgid without message-tags"),
        ("< @batch=h1 :bob!b@host PRIVMSG #room :hi", "is of a batch that is not open"),
        ("< BATCH +h1 chathistory #room", "batches without an end: h1"),
        ("< BATCH -h1", "begins or ends a batch twice"),
        ("< :bob!b@host AWAY :gone", "needs away-notify"),
        ("< :bob!b@host JOIN #room * :Bob", "has 3 parameters"),
        ("< :irc.test 324 u1 #room +nt", "answers what it has not asked (JOIN or MODE)"),
        ("< :irc.test 318 u1 bob :End of /WHOIS list", "answers what it has not asked (WHOIS)"),
        ("< :irc.test 999 u1 :What", "answers what it has not asked (by nothing)"),
        ("< :irc.test 401 bob nobody :No such nick", "is for another nick than u1"),
        ("< :irc.test 001 u1 :Welcome", "welcomes again"),
        ("< :bob!b@host INVITE carol #room", "needs invite-notify"),
        ("< :irc.test SVSNICK u1 u2", "is of an unknown command"),
        (f"< :bob!b@host PRIVMSG #room :{'x' * 500}", "is longer than a line may be"),
        ("< nonsense", "is of an unknown command"),
        ("< @time=1", "is no message"),
        (
            "> CAP REQ :labeled-response\n< :b CAP u1 ACK :labeled-response\n< @label=1 :b 401 u1 bob :No such nick",
            "has a label that the client has not used",
        ),
    ],
)
def test_what_a_client_may_not_be_sent_is_told(script: str, complaint: str) -> None:
    found = judge(script).complaints
    assert len(found) == 1
    assert found[0].startswith(complaint)


def test_capabilities_that_were_enabled_are_remembered() -> None:
    found = judge("< :bouncer.test CAP u1 DEL :batch")
    assert (found.accepted, found.enabled) == ({"server-time", "batch"}, {"server-time"})
