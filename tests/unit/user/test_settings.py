"""Which settings a network may have (rows SVC-02, CMD-30 to CMD-34)."""

from typing import Any

import msgspec
import pytest

from actors import Ref
from soju_actors.model.records import Network, NetworkId, User, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.user.attributes import AttributeRefusedError, apply_attributes, attribute_of
from soju_actors.user.feed import Feed
from soju_actors.user.settings import SettingError, check_network
from soju_actors.user.state import NetworkState, UserState

NONE: Ref[Any] = Ref("none")
LIBERA = Network(NetworkId(1), UserId(1), "libera", "ircs://irc.libera.test:6697")


def alice(most: int = -1, of_server: int = -1) -> UserState:
    """Return a user with the network libera."""
    settings = ServerSettings("bouncer.test", max_networks=of_server)
    user = UserState(User(UserId(1), "alice", max_networks=most), settings, NONE, NONE, NONE)
    user.networks[1] = NetworkState(LIBERA, NONE, Feed())
    return user


@pytest.mark.parametrize(
    ("given", "addr"),
    [
        ({"host": "irc.test"}, "ircs://irc.test:6697"),
        ({"host": "irc.test", "port": "7000"}, "ircs://irc.test:7000"),
        ({"tls": "0"}, "irc+insecure://irc.libera.test"),
        ({"tls": "0", "port": "7000"}, "irc+insecure://irc.libera.test:7000"),
        ({"tls": "1"}, "ircs://irc.libera.test"),
        ({"host": "2001:db8::1"}, "ircs://[2001:db8::1]:6697"),
        ({"host": "[2001:db8::1]", "tls": "1"}, "ircs://[2001:db8::1]"),
        ({"port": "1"}, "ircs://irc.libera.test:1"),
    ],
)
def test_host_port_and_tls_make_the_address_with_what_it_was(given: dict[str, str], addr: str) -> None:
    """Row CMD-34: what is not given stays, but for the port of another kind of connection."""
    assert apply_attributes(LIBERA, given).addr == addr


def test_attributes_are_fields_and_a_name_is_the_host_if_there_is_none() -> None:
    new = Network(NetworkId(0), UserId(1), "", "")
    given = {"host": "irc.test", "nickname": "al", "username": "u", "realname": "A B", "pass": "p"}
    record = apply_attributes(new, given)
    assert (record.name, record.nick, record.username, record.realname, record.password) == (
        "irc.test",
        "al",
        "u",
        "A B",
        "p",
    )
    assert record.addr == "ircs://irc.test"
    assert apply_attributes(LIBERA, {"name": "other", "pass": ""}).name == "other"


@pytest.mark.parametrize(
    ("given", "code", "complaint"),
    [
        ({"frob": "1"}, "UNKNOWN_ATTRIBUTE", "does not exist; there are name, host"),
        ({"state": "connected"}, "READ_ONLY_ATTRIBUTE", "can only be read"),
        ({"error": "x"}, "READ_ONLY_ATTRIBUTE", "can only be read"),
        ({"tls": "yes"}, "INVALID_ATTRIBUTE", "tls is 0 or 1"),
        ({"port": "0"}, "INVALID_ATTRIBUTE", "port is a number"),
        ({"port": "65536"}, "INVALID_ATTRIBUTE", "port is a number"),
        ({"port": "\N{SUPERSCRIPT TWO}"}, "INVALID_ATTRIBUTE", "port is a number"),
        ({"host": "a b"}, "INVALID_ATTRIBUTE", "no spaces"),
        ({"host": "a/b"}, "INVALID_ATTRIBUTE", "no path"),
    ],
)
def test_an_attribute_that_is_none_is_refused(given: dict[str, str], code: str, complaint: str) -> None:
    with pytest.raises(AttributeRefusedError, match=complaint) as raised:
        apply_attributes(LIBERA, given)
    assert (raised.value.code, raised.value.attribute) == (code, next(iter(given)))


def test_a_network_on_a_unix_socket_needs_a_host_to_get_a_port() -> None:
    local = msgspec.structs.replace(LIBERA, addr="irc+unix:///run/ircd")
    with pytest.raises(AttributeRefusedError):
        apply_attributes(local, {"port": "6667"})
    assert (
        apply_attributes(local, {"host": "irc.test", "port": "6667", "tls": "0"}).addr == "irc+insecure://irc.test:6667"
    )


@pytest.mark.parametrize(
    ("field", "given", "attribute"),
    [
        ("nick", {"nickname": "@x"}, "nickname"),
        ("name", {}, "name"),
        ("addr", {"port": "1"}, "port"),
        ("addr", {}, "host"),
        ("password", {}, "pass"),
        ("", {}, ""),
        ("sasl_password", {}, ""),
    ],
)
def test_a_wrong_field_is_told_as_the_attribute_that_it_comes_from(
    field: str, given: dict[str, str], attribute: str
) -> None:
    assert attribute_of(field, given) == attribute


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": ""}, "no name for a network"),
        ({"name": "*"}, "no name for a network"),
        ({"name": "-x"}, "no name for a network"),
        ({"name": "a/b"}, "no name for a network"),
        ({"name": "a@b"}, "no name for a network"),
        ({"name": "a\nb"}, "no name for a network"),
        ({"name": "libera"}, "named 'libera' already"),
        ({"addr": "http://irc.test"}, "."),
        ({"addr": ""}, "."),
        ({"addr": "irc+unix:///run/ircd"}, "Only an admin"),
        ({"nick": "a b"}, "no nick"),
        ({"realname": "a\r\nQUIT"}, "realname has a line break"),
        ({"password": "a\0b"}, "password has a line break"),
        ({"sasl_password": "a\nb"}, "sasl_password has a line break"),
        ({"connect_commands": ("PING x",) * 21}, "more than 20"),
        ({"connect_commands": ("PING x\r\nQUIT",)}, "connect command has a line break"),
    ],
)
def test_what_would_not_work_or_do_harm_is_refused(fields: dict[str, Any], complaint: str) -> None:
    new = Network(NetworkId(0), UserId(1), "new", "irc.test")
    with pytest.raises(SettingError, match=complaint):
        check_network(alice(), msgspec.structs.replace(new, **fields), admin=False)


def test_what_works_is_taken() -> None:
    new = Network(NetworkId(0), UserId(1), "new", "irc.test", nick="al", connect_commands=("PRIVMSG x :y",))
    check_network(alice(), new, admin=False)
    check_network(alice(), msgspec.structs.replace(new, addr="irc+unix:///run/ircd"), admin=True)
    check_network(alice(), msgspec.structs.replace(LIBERA, nick="al"), admin=False)  # its own name


@pytest.mark.parametrize(
    ("most", "of_server", "full"), [(-1, -1, False), (1, -1, True), (2, 1, False), (-1, 1, True), (0, -1, True)]
)
def test_enabled_networks_are_counted(most: int, of_server: int, full: bool) -> None:
    """Row CFG-14: the user's own limit goes before the server's; disabled networks do not count."""
    user = alice(most, of_server)
    new = Network(NetworkId(0), UserId(1), "new", "irc.test")
    check_network(user, msgspec.structs.replace(new, enabled=False), admin=False)
    if full:
        with pytest.raises(SettingError, match="no more"):
            check_network(user, new, admin=False)
    else:
        check_network(user, new, admin=False)
