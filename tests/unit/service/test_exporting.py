"""What ``network export`` prints is what ``provision`` reads."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.adapters.database import open_database
from soju_actors.adapters.provision import apply, load_declarations
from soju_actors.model.records import Channel, Filter, Network, NetworkId, SaslMechanism, User, UserId
from soju_actors.ports.database import LoadSettings, LoadUsers
from soju_actors.service.exporting import export_lines, quoted, string_lines
from soju_actors.service.replies import LONGEST, fitting

ALICE = User(UserId(1), "alice", "a hash", nick="ally", realname='Al "B"')
PEM = "-----BEGIN X-----\n" + "\n".join(["QUJD" * 16] * 20) + "\n-----END X-----\n"
LIBERA = Network(
    NetworkId(1),
    UserId(1),
    "libera",
    "ircs://irc.libera.chat:6697",
    nick="al",
    password="hunter2",
    sasl=SaslMechanism.EXTERNAL,
    sasl_certificate=PEM,
    sasl_key=PEM.replace("X", "hunter2"),
    sasl_required=True,
    connect_commands=("MODE al +x", "PRIVMSG NickServ :IDENTIFY hunter2", 'PRIVMSG #a :"\\' + "\u00e4" * 150),
    auto_away=False,
    forward_away=True,
    egress="zone=eu/de,capability=tor",
)
OFTC = Network(
    NetworkId(2), UserId(1), "oftc", "irc.oftc.net", enabled=False, sasl_username="u", sasl_password="hunter2"
)
CHANNELS = (
    Channel(NetworkId(1), "#soju"),
    Channel(NetworkId(1), '#"quoted\\"'),
    Channel(NetworkId(1), "#key", key="hunter2"),
    Channel(NetworkId(1), "#all", "hunter2", True, Filter.NONE, Filter.HIGHLIGHT, Filter.MESSAGE, 3600),
)
ALL = [(LIBERA, CHANNELS), (OFTC, ())]


def lines(*, secrets: bool, networks: Any = None) -> list[str]:  # noqa: ANN401 - pairs of networks and channels
    return list(export_lines(ALICE, ALL if networks is None else networks, secrets=secrets))


def test_provision_makes_the_same_networks_and_channels_of_it(tmp_path: Path) -> None:
    file = tmp_path / "alice.toml"
    file.write_text("\n".join(lines(secrets=True)))
    database = open_database("sqlite:///x.db", tmp_path)
    database.prepare()
    apply(database, load_declarations(file))
    reader = database.reader()
    (user,) = reader.perform(LoadUsers()).users  # type: ignore[attr-defined]
    made = reader.perform(LoadSettings(user.id)).settings  # type: ignore[attr-defined]
    reader.close()
    assert made.networks == (LIBERA, OFTC)
    assert set(made.channels) == set(CHANNELS)
    assert (user.name, user.nick, user.realname) == ("alice", "ally", 'Al "B"')
    assert apply(database, load_declarations(file)) == []
    database.close()


def test_secrets_are_left_out_unless_they_are_asked_for(tmp_path: Path) -> None:
    shown = lines(secrets=False)
    assert "hunter2" not in "\n".join(shown)
    assert "# password is left out: it is secret" in shown
    assert "# left out of connect_commands: PRIVMSG NickServ …" in shown
    assert '  "#key",  # its key is left out: it is secret' in shown
    file = tmp_path / "alice.toml"
    file.write_text("\n".join(shown))
    declared = load_declarations(file)
    assert [network.name for network in declared.user[0].network] == ["libera", "oftc"]


def test_it_is_short_where_little_is_set() -> None:
    plain = Network(NetworkId(1), UserId(1), "n", "irc.test")
    user = msgspec.structs.replace(ALICE, nick="", realname="")
    assert list(export_lines(user, [(plain, [Channel(NetworkId(1), "#a")])], secrets=False)) == [
        "[[user]]",
        'name = "alice"',
        "[[user.network]]",
        'name = "n"',
        'addr = "irc.test"',
        "channels = [",
        '  "#a",',
        "]",
    ]


def test_the_lines_fit_into_messages() -> None:
    shown = lines(secrets=True)
    assert list(fitting(shown)) == shown
    assert max(len(line.encode()) for line in shown) <= LONGEST


def test_what_is_not_utf_8_cannot_be_said_in_toml() -> None:
    odd = msgspec.structs.replace(LIBERA, realname="caf\udce9", connect_commands=("PRIVMSG #a :\udce9",))
    shown = lines(secrets=True, networks=[(odd, [Channel(NetworkId(1), "#\udce9")])])
    assert "# realname is left out: it is not UTF-8" in shown
    assert "# left out of connect_commands: PRIVMSG #a :?" in shown
    assert tomli.loads("\n".join(shown).encode().decode())["user"][0]["network"][0]["channels"] == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.integers(1, 30))
def test_any_text_is_read_back(text: str, times: int) -> None:
    assert tomli.loads(f"x = {quoted(text)}")["x"] == text
    many = text * times
    toml = "\n".join(line.rstrip() for line in string_lines(many))  # as messages lose the spaces at their ends
    assert tomli.loads(f"x = {toml}")["x"] == many


@pytest.mark.parametrize("text", ["a " * 200, " " * 300, "\t" * 300, "\n" * 300, "a\\" * 200])
def test_spaces_and_signs_survive_the_folding(text: str) -> None:
    assert tomli.loads("x = " + "\n".join(string_lines(text)))["x"] == text
