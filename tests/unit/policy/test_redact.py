"""Lines for the log keep no secret."""

import pytest

from soju_actors.policy.redact import redact

SECRET = "hunter2"


@pytest.mark.parametrize(
    "line",
    [
        "PASS hunter2",
        "pass :hunter2",
        "@label=1 PASS hunter2",
        ":alice PASS  hunter2",
        "AUTHENTICATE hunter2",
        "OPER alice hunter2",
        "REGISTER * * hunter2",
        "VERIFY alice hunter2",
        "WEBIRC hunter2 gw host 127.0.0.1",
        "PRIVMSG NickServ :IDENTIFY hunter2",
        "PRIVMSG  :nickserv :IDENTIFY hunter2",
        "@a=b;c :alice!a@b PRIVMSG NickServ@services.test :IDENTIFY hunter2",
        "PRIVMSG BouncerServ :sasl set-plain me hunter2",
        "PRIVMSG Q@CServe.quakenet.org :AUTH me hunter2",
        "NOTICE NickServ hunter2",
        "SQUERY NickServ :IDENTIFY hunter2",
        "NS IDENTIFY hunter2",
        "BOUNCER ADDNETWORK host=irc.test;pass=hunter2",
        "@label=1 BOUNCER CHANGENETWORK 1 pass=hunter2",
        "NickServ :IDENTIFY hunter2",
        "IDENTIFY hunter2",
        ":NickServ!s@services. NOTICE alice :your password is now hunter2",
        ":NickServ NOTICE alice :your password is now hunter2",
    ],
)
def test_secrets_are_left_out(line: str) -> None:
    assert SECRET not in redact(line)


def test_what_the_secret_belongs_to_is_kept() -> None:
    assert redact("@label=1 OPER alice hunter2") == "@label=1 OPER …"
    assert redact("PRIVMSG NickServ :IDENTIFY hunter2") == "PRIVMSG NickServ …"
    assert redact("PASS") == "PASS …"


@pytest.mark.parametrize(
    "line",
    [
        "PRIVMSG #chan :PASS the salt",
        ":alice!a@b PRIVMSG bob :NickServ is slow",
        ":nickserver!a@b PRIVMSG bob :hi",
        "PRIVMSG nickserver :hi",
        "PASSED test",
        "NICK alice",
        "@time=x :irc.test 001 alice :Welcome",
    ],
)
def test_other_lines_are_kept_whole(line: str) -> None:
    assert redact(line) == line
