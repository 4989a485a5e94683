"""From where networks are connected to, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.policy.egress import Egress, EgressError, not_found, parse_egress


@pytest.mark.parametrize(
    ("text", "egress"),
    [
        ("", Egress()),
        ("  ", Egress()),
        ("zone=eu", Egress(("eu",))),
        ("zone=eu/de, zone=us,zone=us", Egress(("eu/de", "us"))),
        ("capability=tor", Egress(capabilities={"tor": True})),
        ("capability=tor=true,capability=vpn=false", Egress(capabilities={"tor": True, "vpn": False})),
        ("capability=line=a=b", Egress(capabilities={"line": "a=b"})),
        ("capability=gbit=10,capability=cost=0.5", Egress(capabilities={"gbit": 10, "cost": 0.5})),
        ("capability=line=007,capability=x=1e3", Egress(capabilities={"line": "007", "x": "1e3"})),
        ("address=192.0.2.7,address=2001:DB8::7", Egress(addresses=("192.0.2.7", "2001:db8::7"))),
        ("zone=eu,capability=tor,address=192.0.2.7", Egress(("eu",), {"tor": True}, ("192.0.2.7",))),
    ],
)
def test_what_is_written_is_asked_for(text: str, egress: Egress) -> None:
    assert parse_egress(text) == egress
    assert parse_egress(str(egress)) == egress
    assert bool(egress) is bool(text.strip())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("eu", "'eu' is unknown: zone=NAME, capability=NAME, capability=NAME=VALUE and address=IP are allowed"),
        ("Zone=eu", "'Zone=eu' is unknown: zone=NAME, "),
        ("zone=eu,", "'' is unknown: zone=NAME, "),
        ("zone=", "'' cannot be a zone: a zone is a name, or up to 8"),
        ("zone=eu/", "'eu/' cannot be a zone: "),
        ("zone=EU", "'EU' cannot be a zone: "),
        ("zone=eu us", "'eu us' cannot be a zone: "),
        ("capability=", "'' is no name of a capability: up to 64 characters without spaces"),
        ("capability=address 192.0.2.7", "'address 192.0.2.7' is no name of a capability"),
        ("capability=tor,capability=tor=false", "the capability tor is asked for twice"),
        ("capability=tor=", "the value of a capability is true, false, a number, or a text without commas"),
        ("address=192.0.2", "'192.0.2' is no address, such as 192.0.2.7 or 2001:db8::7"),
        ("address=irc.test", "'irc.test' is no address, "),
        ("address=0.0.0.0", "0.0.0.0 is not the address of one machine, "),
        ("address=192.0.2.7,address=192.0.2.8", "one address of IPv4 and one of IPv6 at most"),
        (",".join(["zone=eu"] * 17), "there are 17 parts, of at most 16"),
    ],
)
def test_nonsense_is_told_with_what_is_allowed(text: str, reason: str) -> None:
    with pytest.raises(EgressError) as caught:
        parse_egress(text)
    assert str(caught.value).startswith(reason)


@given(st.text(max_size=60) | st.text("zoneaddresscapability=,/:.0123 ", max_size=60))
def test_whatever_is_written_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        said = str(parse_egress(text))
    except EgressError as error:
        said = str(error)
    else:
        assert str(parse_egress(said)) == said
    assert said.isprintable()


def test_addresses_are_capabilities_that_nobody_can_ask_for_by_that_name() -> None:
    egress = parse_egress("capability=tor,address=2001:db8:0::7")
    assert egress.needs == {"tor": True, "address 2001:db8::7": True}


def test_why_there_is_no_connection() -> None:
    egress = parse_egress("zone=eu,address=192.0.2.7")
    wish = "zone=eu,address=192.0.2.7"
    assert not_found(egress, None) == f"no node that is there now has {wish}; it connects when there is one"
    assert not_found(egress, {}) == f"this bouncer does not have {wish}, it has no egress to choose from"
    offered = {"address 192.0.2.8": True, "address 2001:db8::8": True}
    assert not_found(egress, offered).endswith("it has only address=192.0.2.8 or address=2001:db8::8")
