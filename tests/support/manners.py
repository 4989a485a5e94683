"""The checker of what a client is sent: no line that it has not asked for, or that it cannot read.

Written apart from the bouncer's own IRC code, so that both cannot be wrong alike.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.support.tap import Line

LONGEST = 510
"""Bytes of a line without its tags and its end. Spec: https://modern.ircdocs.horse/#messages"""
SHAPE = re.compile(r"(?:@(?P<tags>[^ ]+) )?(?::(?P<source>[^ ]+) )?(?P<command>[A-Za-z]+|\d{3})(?P<params>(?: .*)?)")
TAGS = {"time": "server-time", "batch": "batch", "account": "account-tag", "label": "labeled-response"}
TAGS |= {"draft/multiline-concat": "draft/multiline"}
"""Tags, with the capability that each needs; others need message-tags."""
COMMANDS = {
    "ACCOUNT": "account-notify",
    "ACK": "labeled-response",
    "AUTHENTICATE": "sasl",
    "AWAY": "away-notify",
    "BATCH": "batch",
    "BOUNCER": "soju.im/bouncer-networks",
    "CHGHOST": "chghost",
    "MARKREAD": "draft/read-marker",
    "REDACT": "draft/message-redaction",
    "SETNAME": "setname",
    "TAGMSG": "message-tags",
}
"""Commands that a client must have enabled."""
KNOWN = {*COMMANDS, "CAP", "ERROR", "FAIL", "INVITE", "JOIN", "KICK", "MODE", "NICK", "NOTE", "NOTICE", "PART", "PING"}
KNOWN |= {"PONG", "PRIVMSG", "QUIT", "TOPIC", "WALLOPS", "WARN"}
WELCOME = {f"{number:03}" for number in (*range(1, 6), 42, 221, *range(250, 256), 265, 266, 372, 375, 376, 396, 422)}
WELCOME |= {"332", "333", "353", "366"}
"""Numerics that begin a connection, those of its channels among them."""
ANSWERS = {
    "JOIN": "324 329",
    "TOPIC": "331",
    "MODE": "221 324 329 346 347 348 349 367 368",
    "WHO": "315 352 354",
    "WHOIS": "276 301 307 311 312 313 317 318 319 320 330 335 338 378 379 671",
    "WHOWAS": "312 314 330 369",
    "LIST": "321 322 323",
    "AWAY": "305 306",
    "ISON": "303",
    "USERHOST": "302",
    "MONITOR": "730 731 732 733 734",
    "MOTD": "372 375 376 422",
    "VERSION": "351 005",
    "LUSERS": "251 252 253 254 255 265 266",
    "PRIVMSG": "301",
    "AUTHENTICATE": "900 901 902 903 904 905 906 907 908",
}
"""Numerics that only those get who have sent the command (of JOIN: row NUM-08)."""


@dataclass(slots=True)
class Judge:
    """What one connection has come to, line by line."""

    complaints: list[str] = field(default_factory=list)
    enabled: set[str] = field(default_factory=set)
    """Capabilities that the client has."""
    accepted: set[str] = field(default_factory=set)
    """Capabilities that it has ever had."""
    asked: set[str] = field(default_factory=set)
    """Commands that the client has sent."""
    labels: set[str] = field(default_factory=set)
    """Labels that the client has used."""
    batches: set[str] = field(default_factory=set)
    """Batches that are open."""
    nick: str = "*"
    welcomes: int = 0

    def hear_client(self, text: str) -> None:
        """Note what the client has said."""
        found = SHAPE.fullmatch(text.strip())
        if found is None:
            return
        self.asked.add(found["command"].upper())
        if label := re.search(r"(?:^|;)label=([^;]+)", found["tags"] or ""):
            self.labels.add(label[1])

    def hear_bouncer(self, text: str) -> None:
        """Note what the bouncer has said, and complain."""
        found = SHAPE.fullmatch(text)
        if found is None or re.search("[\r\n\0]", text):
            self._complain(text, "is no message")
            return
        body = text.partition(" ")[2] if found["tags"] else text
        if len(body.encode(errors="surrogateescape")) > LONGEST:
            self._complain(text, "is longer than a line may be")
        self._tags(text, found["tags"] or "")
        middle, _, trailing = found["params"].partition(" :")
        params = [*middle.split(), *([trailing] if " :" in found["params"] else [])]
        command = found["command"]
        if command.isdigit():
            self._numeric(text, command, params)
        else:
            self._command(text, command, (found["source"] or "").partition("!")[0], params)

    def hear_end(self) -> None:
        """Complain of what is left."""
        if self.batches:
            self.complaints.append(f"batches without an end: {', '.join(sorted(self.batches))}")

    def _complain(self, text: str, why: str) -> None:
        self.complaints.append(f"{why}: {text}")

    def _tags(self, text: str, tags: str) -> None:
        for tag in filter(None, tags.split(";")):
            key, _, value = tag.partition("=")
            needs = TAGS.get(key, "message-tags")
            if not {needs, "message-tags"} & self.enabled:
                self._complain(text, f"has a tag {key} without {needs}")
            if key == "batch" and value not in self.batches:
                self._complain(text, "is of a batch that is not open")
            if key == "label" and value not in self.labels:
                self._complain(text, "has a label that the client has not used")

    def _numeric(self, text: str, numeric: str, params: list[str]) -> None:
        if numeric == "001":
            self.welcomes += 1
            self.nick = params[0]
            if self.welcomes > 1:
                self._complain(text, "welcomes again")
        elif params[:1] not in ([self.nick], ["*"]):
            self._complain(text, f"is for another nick than {self.nick}")
        asking = {command for command, numerics in ANSWERS.items() if numeric in numerics.split()}
        if numeric in WELCOME or "400" <= numeric <= "599":
            return
        if not asking & self.asked:
            self._complain(text, f"answers what it has not asked ({' or '.join(sorted(asking)) or 'by nothing'})")

    def _command(self, text: str, command: str, source: str, params: list[str]) -> None:
        if command not in KNOWN:
            self._complain(text, "is of an unknown command")
        needs = COMMANDS.get(command)
        if needs is not None and needs not in self.enabled:
            self._complain(text, f"needs {needs}")
        match command, params:
            case "CAP", [_, "ACK", caps]:
                for cap in caps.split():
                    (self.enabled.discard if cap.startswith("-") else self.enabled.add)(cap.removeprefix("-"))
                self.accepted |= self.enabled
            case "CAP", [_, "DEL", caps]:
                self.enabled -= set(caps.split())
            case "JOIN", _ if len(params) != (3 if "extended-join" in self.enabled else 1):
                self._complain(text, f"has {len(params)} parameters")
            case "NICK", [nick] if source == self.nick:
                self.nick = nick
            case "INVITE", [nick, _] if nick != self.nick and "invite-notify" not in self.enabled:
                self._complain(text, "needs invite-notify")
            case "BATCH", [reference, *_]:
                self._batch(text, reference)

    def _batch(self, text: str, reference: str) -> None:
        name = reference[1:]
        if reference.startswith("+") and name not in self.batches:
            self.batches.add(name)
        elif reference.startswith("-") and name in self.batches:
            self.batches.remove(name)
        else:
            self._complain(text, "begins or ends a batch twice")


def judged(lines: Iterable[Line]) -> Judge:
    """Read the lines of a connection from its begin to its end."""
    judge = Judge()
    for line in lines:
        (judge.hear_client if line.by_client else judge.hear_bouncer)(line.text)
    judge.hear_end()
    return judge
