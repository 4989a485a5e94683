"""Addresses of servers (row LIF-01)."""

import pytest

from soju_actors.policy.address import Address, AddressError, is_local, parse_address, source_addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("irc.libera.chat", Address("irc.libera.chat", 6697, tls=True)),
        ("irc.libera.chat:7000", Address("irc.libera.chat", 7000, tls=True)),
        ("IRC.Libera.Chat", Address("irc.libera.chat", 6697, tls=True)),
        ("localhost", Address("localhost", 6697, tls=True)),
        ("büro.example", Address("büro.example", 6697, tls=True)),
        ("my_host.lan.", Address("my_host.lan.", 6697, tls=True)),
        ("192.0.2.1:6697", Address("192.0.2.1", 6697, tls=True)),
        ("2001:DB8::1", Address("2001:db8::1", 6697, tls=True)),
        ("[2001:db8::1]:7000", Address("2001:db8::1", 7000, tls=True)),
        ("ircs://irc.test", Address("irc.test", 6697, tls=True)),
        ("IRCS://irc.test:1", Address("irc.test", 1, tls=True)),
        ("irc+insecure://irc.test", Address("irc.test", 6667)),
        ("irc+insecure://127.0.0.1:65535", Address("127.0.0.1", 65535)),
        ("irc+insecure://[::1]", Address("::1", 6667)),
        ("irc+insecure://::1", Address("::1", 6667)),
        ("unix:/run/ircd.sock", Address(path="/run/ircd.sock")),
        ("unix:///run/ircd.sock", Address(path="/run/ircd.sock")),
        ("irc+unix:///run/a@b.sock", Address(path="/run/a@b.sock")),
    ],
)
def test_an_address_is_a_host_or_a_socket(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not empty"),
        ("irc.test 6697", "no spaces"),
        ("irc.test\r\nQUIT", "control characters"),
        ("irc.test\0", "control characters"),
        ("irc://irc.test", "irc+insecure://"),
        ("https://irc.test", "https:// is unknown"),
        ("ircs://", "not the name of a host"),
        ("a..b", "not the name of a host"),
        (":6667", "not the name of a host"),
        ("x" * 64, "not the name of a host"),
        (".".join(["x" * 63] * 5), "not the name of a host"),
        ("ircs://me@irc.test", "no user name"),
        ("ircs://irc.test/channel", "no path"),
        ("irc.test/", "no path"),
        ("ircs://irc.test?key", "no query"),
        ("ircs://irc.test#soju", "no fragment"),
        ("irc.test:", "not a port"),
        ("irc.test:0", "not a port"),
        ("irc.test:65536", "not a port"),
        ("irc.test:+6667", "not a port"),
        ("irc.test:٦٦٦٧", "not a port"),
        ("irc.test:6667:6667", "not an IPv6 address"),
        ("[::1", "not an IPv6 address"),
        ("[::1]6667", "not an IPv6 address"),
        ("[127.0.0.1]:6667", "not an IPv6 address"),
        ("unix:run/ircd.sock", "begins with a slash"),
        ("irc+unix://run/ircd.sock", "begins with a slash"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, complaint: str) -> None:
    with pytest.raises(AddressError, match=complaint.replace("+", r"\+")):
        parse_address(text)


def test_connections_are_counted_by_host_whatever_the_port() -> None:
    assert parse_address("Irc.Test:7000").place == parse_address("irc+insecure://irc.test").place == "irc.test"
    assert parse_address("unix:/run/ircd.sock").place == "/run/ircd.sock"


@pytest.mark.parametrize(
    ("ranges", "user", "sources"),
    [
        ([], 1, ()),
        (["192.0.2.0/24"], 7, ("192.0.2.7",)),
        (["2001:db8::/64", "192.0.2.0/30"], 3, ("2001:db8::3", "192.0.2.3")),
        (["2001:db8::/64", "192.0.2.0/30"], 4, ("2001:db8::4",)),
    ],
)
def test_each_user_has_an_address_of_a_range(ranges: list[str], user: int, sources: tuple[str, ...]) -> None:
    """Row CFG-16."""
    assert source_addresses(ranges, user) == sources


@pytest.mark.parametrize("place", ["localhost", "a.localhost", "127.0.0.1", "127.8.9.10", "::1", "/run/ircd.sock"])
def test_this_machine_is_local(place: str) -> None:
    assert is_local(place)


@pytest.mark.parametrize("place", ["irc.test", "localhost.test", "10.0.0.1", "2001:db8::1", "128.0.0.1"])
def test_other_machines_are_not_local(place: str) -> None:
    assert not is_local(place)
