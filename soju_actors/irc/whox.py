"""WHO with fields.

Spec: https://ircv3.net/specs/extensions/whox
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

FIELDS = "tcuihsnfdlaor"
"""Token, channel, user, IP, host, server, nick, flags, hops, idle, account, oplevel, realname: the order of a reply."""
UNKNOWN: Mapping[str, str] = {"c": "*", "i": "255.255.255.255", "d": "0", "l": "0", "a": "0", "o": "0"}
"""What is shown where there is nothing to show (row CCH-03)."""
_LONGEST_TOKEN = 3


class WhoQuery(NamedTuple):
    """A WHO: ``fields`` is empty if it is not one with fields."""

    mask: str
    flags: str = ""
    fields: str = ""
    token: str = ""


def parse_who(params: Sequence[str]) -> WhoQuery:
    """Return what a WHO command asks; fields come in the order of the reply, unknown ones are left out."""
    mask = params[0] if params else ""
    if len(params) < 2:  # noqa: PLR2004 - mask and options
        return WhoQuery(mask)
    flags, percent, wanted = params[1].partition("%")
    letters, _, token = wanted.partition(",")
    fields = "".join(field for field in FIELDS if field in letters) if percent else ""
    valid = token.isascii() and token.isdigit() and len(token) <= _LONGEST_TOKEN
    return WhoQuery(mask, flags, fields, token if valid else "")


def format_who(query: WhoQuery) -> tuple[str, ...]:
    """Return the parameters of a WHO command."""
    if not query.fields:
        return (query.mask, query.flags) if query.flags else (query.mask,)
    token = f",{query.token}" if query.token else ""
    return query.mask, f"{query.flags}%{query.fields}{token}"


def whox_params(query: WhoQuery, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parameters of RPL_WHOSPCRPL (354) after the client's nick: the query's fields."""
    values = {**UNKNOWN, **{field: value for field, value in known.items() if value}, "t": query.token or "0"}
    return tuple(values.get(field, "" if field == "r" else "*") for field in query.fields)


def parse_whox_params(query: WhoQuery, params: Sequence[str]) -> dict[str, str] | None:
    """Return the fields of a reply's parameters after the client's nick; None if it answers another query."""
    if len(params) != len(query.fields):
        return None
    known = dict(zip(query.fields, params, strict=True))
    return known if known.get("t", query.token) == query.token else None
