"""Each command of the table, through each door: what it answers, what it refuses, and whom.

A command that is added to the table without its cases here is a failure.
"""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, Self

import pytest

from soju_actors.cli import main
from soju_actors.policy.accounts import AccountSettings
from soju_actors.ports.certificates import CertificateMade, MakeCertificate
from soju_actors.service.commands import Command
from soju_actors.service.replies import LONGEST
from soju_actors.service.table import COMMANDS, HELP
from soju_actors.service.words import Words
from tests.behaviour.service import asking
from tests.support.certificates import Certificate
from tests.support.world import CONTROL, InlineClient, Setting, World


class Case(NamedTuple):
    """What is given and how the answer begins; what is given wrongly and what the error says."""

    given: str
    answer: str
    wrong: str
    error: str
    before: tuple[str, ...] = ()
    """Commands that are given first."""


FINGERPRINT = "ab" * 64
CASES = {
    "help": Case("help network", "network: ", "help nonsense", "there is no command 'nonsense'"),
    "network create": Case(
        "network create -addr irc+insecure://irc.new.test -name new",
        "new was created",
        "network create -addr http://x",
        "http:// is unknown",
    ),
    "network status": Case("network status", "libera  connected", "network status efnet", "there is no network"),
    "network update": Case(
        "network update libera -realname 'Al B.'", "libera was updated", "network update libera -nick 'a b'", "no nick"
    ),
    "network delete": Case("network delete libera", "libera was deleted", "network delete efnet", "no network"),
    "network export": Case("network export libera", "[[user]]", "network export efnet", "there is no network 'efnet'"),
    "network quote": Case("network quote libera PING x", "Sent to libera", "network quote libera :", "is not IRC"),
    "channel status": Case(
        "channel status -network libera", "#soju  joined", "channel status #x -network libera", "you have no channel"
    ),
    "channel create": Case(
        "channel create #two -network libera", "#two is saved", "channel create two -network libera", "'two'"
    ),
    "channel update": Case(
        "channel update #soju -network libera -detach-after 2h",
        "#soju was updated",
        "channel update #soju -network libera -detach-after soon",
        "-detach-after is a duration",
    ),
    "channel delete": Case(
        "channel delete #soju -network libera", "#soju is forgotten", "channel delete", "channel delete needs <name>"
    ),
    "history purge": Case(
        "history purge #soju -network libera", "This deletes", "history purge #x -network libera", "nothing is stored"
    ),
    "session list": Case("session list 77", "", "session list 77", "there is no session '77'"),
    "session kick": Case("session kick -others", "Disconnected 0", "session kick", "session kick needs the number"),
    "sasl status": Case("sasl status -network libera", "libera: no SASL", "sasl status -network x", "no network 'x'"),
    "sasl set-plain": Case("sasl set-plain -network libera a b", "libera: SASL", "sasl set-plain a", "needs <user"),
    "sasl set-scram": Case("sasl set-scram -network libera a b", "libera: SASL", "sasl set-scram a", "needs <user"),
    "sasl reset": Case("sasl reset -network libera", "libera: no SASL login", "sasl reset -network x", "network 'x'"),
    "certfp generate": Case(
        "certfp generate -network libera -key-type ecdsa", "libera: SASL", "certfp generate -key-type dsa", "is one of"
    ),
    "certfp fingerprint": Case(
        "certfp fingerprint -network libera",
        "SHA-1 fingerprint",
        "certfp fingerprint -network x",
        "no network 'x'",
        before=("certfp generate -network libera -key-type ecdsa",),
    ),
    "password status": Case("password status", "You have made no", "password status x", "takes no parameters"),
    "password create": Case("password create phone", "The password for phone", "password create", "needs <name>"),
    "password delete": Case(
        "password delete phone", "", "password delete nobody", "", before=("password create phone",)
    ),
    "device-certificate status": Case(
        "device-certificate status", "You have no certificates", "device-certificate status x", "takes no parameters"
    ),
    "device-certificate create": Case(
        f"device-certificate create -label x -fingerprint {FINGERPRINT}",
        "You can log in",
        "device-certificate create",
        "needs -label",
    ),
    "device-certificate delete": Case(
        f"device-certificate delete {FINGERPRINT[:12]}",
        "The certificate of x was deleted",
        "device-certificate delete abab",
        "at least the first 12",
        before=(f"device-certificate create -label x -fingerprint {FINGERPRINT}",),
    ),
    "user status": Case("user status", "alice  admin", "user status nobody", "There is no user 'nobody'"),
    "user create": Case("user create -username carol -password x", "User carol was", "user create", "needs -username"),
    "user update": Case("user update bob -nick rob", "User bob was updated", "user update bob", "needs a flag"),
    "user delete": Case("user delete bob", "This deletes the user bob", "user delete bob x", "not the token"),
    "user run": Case("user run bob network status", "You have no networks", "user run nobody help", "no user 'nobody'"),
    "server status": Case("server status", "", "server status now", "takes no parameters"),
    "server notice": Case("server notice good night", "Sent to", "server notice", "needs <text...>"),
    "server debug": Case("server debug off", "Debug logging is off", "server debug perhaps", "is on or off"),
    "server refresh": Case("server refresh", "2 users", "server refresh now", "takes no parameters"),
    "cluster status": Case("cluster status now", "", "cluster status now", "takes no parameters"),
    "cluster move": Case("cluster move alice", "", "cluster move alice", "needs <user> <node>"),
    "cluster drain": Case("cluster drain", "", "cluster drain", "needs <node>"),
    "cluster explain": Case("cluster explain", "", "cluster explain", "needs <user>"),
    "cluster record": Case("cluster record x.csv soon", "", "cluster record x.csv soon", "is no number of seconds"),
    "cluster undrain": Case("cluster undrain", "", "cluster undrain", "needs <node>"),
}
Door = Callable[[str], list[str]]
"""Gives a command; returns the lines of the answer, an error behind ``error: ``."""


class Certifier:
    """Gives everybody the same certificate."""

    def __init__(self, folder: Path) -> None:
        made = Certificate.make(folder, "alice")
        self.pair = made.chain.read_text(), made.key.read_text()

    def perform(self, job: MakeCertificate) -> CertificateMade:
        return CertificateMade(*self.pair, request=job.request)

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    setting = Setting(server={"accounts": AccountSettings(client_cert_auth=True)})
    made = World(setting, services={"certifier": Certifier(tmp_path)})
    made.say(":bob!b@h PRIVMSG #soju :hello")
    asking.control(made, "user create -username bob -password x")
    return made


class Socket(io.BytesIO):
    """What the command line takes for the control socket of a bouncer that runs."""

    world: World

    def __enter__(self) -> Self:
        self.peer = InlineClient(self.world.system.connect(CONTROL), self.world)
        return self

    def settimeout(self, seconds: float) -> None:
        """Time is the world's."""

    def connect(self, path: str) -> None:
        """It is connected."""

    def sendall(self, data: bytes) -> None:
        self.peer.send(data.decode().removesuffix("\r\n"))

    def makefile(self, *_: object, **__: object) -> io.StringIO:
        return io.StringIO("\r\n".join(self.peer.received()) + "\r\n", newline="\n")


def own(text: str) -> bool:
    """Whether a command is about a user's own affairs, and so not the operator's."""
    first = " ".join(Words(text).all()[:2])
    command = next((c for c in COMMANDS if c.name in (first, first.partition(" ")[0])), HELP)
    return not command.everywhere


@pytest.fixture(params=["irc", "control socket", "command line"])
def door(
    request: pytest.FixtureRequest,
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Door:
    """What the user alice, who is an admin, or the operator says things through."""

    def irc(text: str) -> list[str]:
        alice = world.attach("alice@door")
        lines = [line for line in asking.said(alice, text) if not line.startswith("ERROR")]
        alice.close()
        return lines

    def through_socket(text: str) -> list[str]:
        lines = asking.control(world, f"user run alice {text}" if own(text) else text)
        *said, last = lines
        end = [] if last == "BOUNCERSERV OK" else [f"error: {last.removeprefix('FAIL BOUNCERSERV :')}"]
        return [line.removeprefix("PRIVMSG * :") for line in said] + end

    def command_line(text: str) -> list[str]:
        config = tmp_path / "bouncer.toml"
        config.write_text("")
        sockets = SimpleNamespace(AF_UNIX=0, socket=lambda _: made())
        monkeypatch.setattr("soju_actors.cli.control.socket", sockets)
        capsys.readouterr()
        code = main(["--config", str(config), "ctl", *(["--user", "alice"] if own(text) else []), *Words(text).all()])
        out, err = capsys.readouterr()
        assert bool(err) is bool(code)
        return [*out.splitlines(), *([f"error: {err.removeprefix('soju-actors: ').rstrip()}"] if err else [])]

    def made() -> Socket:
        found = Socket()
        found.world = world
        return found

    return {"irc": irc, "control socket": through_socket, "command line": command_line}[request.param]


def test_each_command_has_its_cases() -> None:
    assert CASES.keys() == {command.name for command in COMMANDS}


@pytest.mark.parametrize("name", CASES)
def test_a_command_is_done_and_what_is_wrong_is_told(name: str, door: Door) -> None:
    case = CASES[name]
    for text in case.before:
        door(text)
    (*_, wrong) = door(case.wrong)
    assert wrong.startswith("error: ")
    assert case.error in wrong
    if case.given == case.wrong:
        return  # it needs somebody who is connected: tests of its own
    lines = door(case.given)
    assert not any(line.startswith("error: ") for line in lines)
    assert any(line.startswith(case.answer) for line in lines)
    assert all(0 < len(line.encode()) <= LONGEST for line in lines)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.admin], ids=lambda c: c.name)
def test_a_user_who_is_no_admin_may_not(command: Command, world: World) -> None:
    bob = asking.login(world, "bob", "x")
    (answer,) = asking.said(bob, CASES[command.name].given)
    group = command.words[0]
    assert answer in (f"error: {group} is for admins", f"error: {command.name} is for admins")


@pytest.mark.parametrize(
    ("command", "flag"),
    [(command, flag.name) for command in COMMANDS for flag in command.flags if flag.admin and not command.admin],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_user_who_is_no_admin_may_not_give_the_flags_of_admins(command: Command, flag: str, world: World) -> None:
    bob = asking.login(world, "bob", "x")
    value = "5" if flag == "max-networks" else "true"
    needed = "".join(f" -{f.name} irc.test" for f in command.flags if f.required)
    assert asking.said(bob, f"{command.name}{needed} -{flag} {value}") == [f"error: only an admin may give -{flag}"]


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.everywhere], ids=lambda c: c.name)
def test_the_operator_says_for_whom(command: Command, world: World) -> None:
    (*_, last) = asking.control(world, CASES[command.name].given)
    assert last.startswith("FAIL BOUNCERSERV :")
    assert "say user run <name>" in last


@pytest.mark.parametrize("given", ["cluster status", "cluster move alice b", "cluster drain a", "cluster undrain a"])
def test_a_bouncer_that_is_no_node_says_so(door: Door, given: str) -> None:
    assert door(given) == ["error: This node is alone: there is no cluster"]
