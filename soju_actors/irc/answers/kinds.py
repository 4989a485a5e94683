"""The table of answers, by the kind of the command.

Spec: https://modern.ircdocs.horse/#numerics
Spec: https://defs.ircdocs.horse/defs/numerics
"""

from collections.abc import Iterable, Mapping

import msgspec

from soju_actors.irc.message import Message


class Answer(msgspec.Struct, frozen=True):
    """What a server says to one kind of command."""

    ends: frozenset[str] = frozenset()
    """Numerics and commands that end it."""
    parts: frozenset[str] = frozenset()
    """Those that may come before the end."""
    queue: str = ""
    """Those of one queue are asked one after the other where answers have no labels; empty: it waits for no other."""
    alone: bool = False
    """It takes several commands, so that it has its queue on servers with labels too."""
    fenced: bool = False
    """Servers do not agree on its end: what follows it has to tell."""
    silent: bool = False
    """A server says nothing to it unless it fails."""
    failure: str = "400"
    """What tells a client that the server does not answer: where there is one, the end of the answer (row RTE-05)."""
    about: int | None = None
    """Which of the command's parameters that failure names."""


def _question(queue: str, ends: str, parts: str = "", *, failure: str = "", about: int | None = None) -> Answer:
    """Return the answer to a question of which one is asked at a time; its first end is how it fails."""
    first = ends.split(maxsplit=1)[0]
    return Answer(frozenset(ends.split()), frozenset(parts.split()), queue=queue, failure=failure or first, about=about)


def _event(ends: str, parts: str = "", *, silent: bool = False) -> Answer:
    """Return the answer to a command that waits for no other: what it does is what it is known by."""
    return Answer(frozenset(ends.split()), frozenset(parts.split()), silent=silent)


_WHOIS = """
    275 276 301 307 310 311 312 313 316 317 319 320 325 326 327 330 335 338 339 343 344 350 378 379
    401 569 612 613 615 616 617 651 652 671 672 689 690 742 760
"""
_STATS = """
    210 211 212 213 214 215 216 217 218 220 222 223 224 225 226 227 228 229 231 233 236 237 238 239 240 241 242
    243 244 245 246 247 248 249 250 290
"""

ANSWERS: Mapping[str, Answer] = {
    # questions: one at a time (rows RTE-02, CMD-14 to CMD-17)
    "WHO": _question("WHO", "315", "352 354", about=0),
    "WHOIS": _question("WHOIS", "318", _WHOIS, about=-1),
    "WHOWAS": _question("WHOIS", "369", "301 312 314 330 338 378 379 406 671", about=0),
    "LIST": _question("LIST", "323", "321 322"),
    "NAMES": _question("NAMES", "366", "353", about=0),
    "VERSION": _question("VERSION", "351", failure="400"),
    "TIME": _question("TIME", "391", failure="400"),
    "INFO": _question("INFO", "374", "371 373"),
    "ADMIN": _question("ADMIN", "259 423", "256 257 258", failure="400"),
    "MOTD": _question("MOTD", "376 422", "372 375"),
    "LINKS": _question("LINKS", "365", "364"),
    "MAP": _question("MAP", "007 017", "006 015 016 018 270"),
    "STATS": _question("STATS", "219", _STATS, about=0),
    "LUSERS": Answer(
        parts=frozenset(["250", "251", "252", "253", "254", "255", "265", "266"]), queue="STATS", fenced=True
    ),
    "USERHOST": _question("USERHOST", "302"),
    "USERIP": _question("USERIP", "340"),
    "ISON": _question("ISON", "303"),
    "TRACE": _question("TRACE", "262", "200 201 202 203 204 205 206 207 208 209 261", about=0),
    "USERS": _question("USERS", "394", "392 393 395"),
    "HELP": _question("HELP", "706 524", "704 705", failure="400"),
    "RULES": _question("RULES", "309 434", "232 308"),
    "SERVLIST": _question("SERVLIST", "235", "234"),
    "SILENCE": _question("SILENCE", "272", "271"),
    "INVITES": _question("INVITES", "337", "336"),
    "MODE b": _question("MODE b", "368", "367", about=0),
    "MODE e": _question("MODE e", "349", "348", about=0),
    "MODE I": _question("MODE I", "347", "346", about=0),
    "MODE q": _question("MODE q", "729 387", "728 386", about=0),
    "MODE a": _question("MODE a", "389", "388", about=0),
    "MODE g": _question("MODE g", "940", "941", about=0),
    "MODE w": _question("MODE w", "911", "910", about=0),
    "MODE X": _question("MODE X", "953", "954", about=0),
    # conversations (rows CMD-19, CMD-20)
    "AUTHENTICATE": Answer(
        frozenset(["902", "903", "904", "905", "906", "907"]),
        frozenset(("AUTHENTICATE", "900", "908")),
        queue="AUTHENTICATE",
        alone=True,
        failure="906",
    ),
    "REGISTER": _question("REGISTER", "REGISTER", failure="FAIL", about=0),
    "VERIFY": _question("VERIFY", "VERIFY", failure="FAIL", about=0),
    # what everybody sees when it succeeds
    "JOIN": _event("366", "JOIN 331 332 333 353"),
    "PART": _event("PART"),
    "KICK": _event("KICK"),
    "TOPIC": _event("TOPIC 331 333", "332"),
    "MODE": _event("MODE 329", "324"),
    "NICK": _event("NICK"),
    "SETNAME": _event("SETNAME"),
    "REDACT": _event("REDACT"),
    "RENAME": _event("RENAME"),
    "INVITE": _event("341", "301"),
    "KNOCK": _event("711"),
    "OPER": _event("381"),
    "PRIVMSG": _event("", "301 716 717", silent=True),
    "NOTICE": _event("", silent=True),
    "TAGMSG": _event("", silent=True),
    "BATCH": _event("", silent=True),
}
"""Answers by kind: the command, with the letter where the modes of a channel are asked for."""


def _kinds_by_reply(answers: Mapping[str, Answer]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for kind, answer in answers.items():
        for reply in answer.ends | answer.parts:
            found.setdefault(reply, []).append(kind)
    return {reply: tuple(kinds) for reply, kinds in found.items()}


KINDS: Mapping[str, tuple[str, ...]] = _kinds_by_reply(ANSWERS)
"""The kinds of commands that a numeric or command may answer."""

SHARED = frozenset(reply for reply, kinds in KINDS.items() if len({ANSWERS[kind].queue or kind for kind in kinds}) > 1)
"""Replies that may answer commands of several queues: which, only what they are about can tell."""


def kind_of(message: Message) -> str:
    """Return the kind of a command; a command that is not in the table is its own kind."""
    command, params = message.command, message.params
    if command == "MODE" and len(params) == 2:  # noqa: PLR2004 - a channel and the letter of a list
        kind = f"MODE {params[1].lstrip('+')}"
        return kind if kind in ANSWERS else command
    if command == "INVITE" and not params:
        return "INVITES"
    return command


def list_queries(message: Message, lists: Iterable[str]) -> list[Message]:
    """Return a MODE that asks for lists, such as ``MODE #channel +be``, as one question for each.

    ``lists`` are the letters of the server's list modes. A MODE that changes something is returned as it is.
    """
    if len(message.params) != 2:  # noqa: PLR2004 - a channel and letters
        return [message]
    name, text = message.params
    letters = text.replace("+", "")
    if len(letters) < 2 or not set(letters) <= {*lists}:  # noqa: PLR2004 - there is nothing to part
        return [message]
    return [Message("MODE", (name, f"+{letter}")) for letter in dict.fromkeys(letters)]
