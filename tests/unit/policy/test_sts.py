import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.model.records import StsPolicy, UserId
from soju_actors.policy.address import Address, parse_address
from soju_actors.policy.sts import LONGEST, Offer, parse_sts, refresh_after, secured

POLICY = StsPolicy(UserId(1), "irc.test", 6697, expires=1000.0)


@pytest.mark.parametrize(
    ("value", "offer"),
    [
        ("port=6697", Offer(6697)),
        ("duration=2592000", Offer(duration=2592000)),
        ("duration=0,port=6697,preload", Offer(6697, 0)),
        ("unknown=1,port=6697,preload=yes", Offer(6697)),
        ("", Offer()),
        ("port", Offer()),
        ("port=,duration=", Offer()),
        ("port=0", Offer()),
        ("port=65536,duration=-1", Offer()),
        ("port=\u0666\u0666,duration=1e3", Offer()),
        (f"duration={'9' * 5000}", Offer(duration=LONGEST)),
        (f"duration={LONGEST + 1}", Offer(duration=LONGEST)),
    ],
)
def test_what_cannot_be_used_is_as_if_it_were_not_there(value: str, offer: Offer) -> None:
    """Spec: https://ircv3.net/specs/extensions/sts#details."""
    assert parse_sts(value) == offer


@given(st.text())
def test_any_value_is_read(value: str) -> None:
    offer = parse_sts(value)
    assert offer.port is None or 0 < offer.port < 65536
    assert offer.duration is None or 0 <= offer.duration <= LONGEST


@pytest.mark.parametrize(
    ("written", "policy", "now", "dialed"),
    [
        ("irc+insecure://irc.test", POLICY, 999.0, Address("irc.test", 6697, tls=True)),
        ("irc+insecure://IRC.test:7000", POLICY, 0.0, Address("irc.test", 6697, tls=True)),
        ("irc+insecure://irc.test", POLICY, 1000.0, Address("irc.test", 6667)),
        ("irc+insecure://irc.test", None, 0.0, Address("irc.test", 6667)),
        ("irc+insecure://other.test", POLICY, 0.0, Address("other.test", 6667)),
        ("ircs://irc.test:7000", POLICY, 0.0, Address("irc.test", 7000, tls=True)),
        ("irc+unix:///run/ircd.sock", POLICY, 0.0, Address(path="/run/ircd.sock")),
    ],
)
def test_a_policy_makes_plain_text_tls_while_it_holds(
    written: str, policy: StsPolicy | None, now: float, dialed: Address
) -> None:
    """Spec: https://ircv3.net/specs/extensions/sts#mechanism."""
    assert secured(parse_address(written), policy, now) == dialed


def test_an_expiry_is_set_anew_well_before_it_is_reached() -> None:
    assert refresh_after(60) == 30.0
    assert refresh_after(LONGEST) == 86400.0
