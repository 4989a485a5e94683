"""Lines for the log, without what is secret in them."""

import re

SECRET = re.compile(
    r"""
    (?P<shown>
      (?:@\S*\ +)?
      (?:
        (?::\S+\ +)? (?:PASS|AUTHENTICATE|OPER|REGISTER|VERIFY|WEBIRC|NICKSERV|NS|IDENTIFY)
      | (?::\S+\ +)? (?:PRIVMSG|NOTICE|TAGMSG|SQUERY) \ + :? (?:NICKSERV|AUTHSERV|USERSERV|BOUNCERSERV|Q) (?:@\S*)?
      | BOUNCER\ +(?:ADDNETWORK|CHANGENETWORK)
      | :(?:NICKSERV|AUTHSERV|USERSERV|BOUNCERSERV|Q) (?:!\S*)? \ + (?:PRIVMSG|NOTICE) \ + \S+
      )
    )
    (?:\ .*)?
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""Commands with passwords, and all that is said to or by services that are told passwords."""


def redact(line: str) -> str:
    """Return the line as it may be logged: its secret part is an ellipsis.

    Tags of such a line stay; no specification puts secrets into them.
    """
    secret = SECRET.fullmatch(line)
    return line if secret is None else f"{secret['shown']} …"
