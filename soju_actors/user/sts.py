"""Hosts that want to be connected to by TLS alone: what is remembered of them (row AUP-08).

Spec: https://ircv3.net/specs/extensions/sts
"""

from actors import Turn
from soju_actors.messages.upstream import RememberSts
from soju_actors.messages.user import StsSeen
from soju_actors.model.records import Network, StsPolicy
from soju_actors.policy.address import AddressError, parse_address
from soju_actors.ports.database import SaveSts
from soju_actors.user.saving import save
from soju_actors.user.state import UserState

MOST = 1000
"""Hosts that are remembered."""


def policy_for(user: UserState, record: Network) -> StsPolicy | None:
    """Return what is remembered of a network's host."""
    return user.sts.get(_host(record)) if user.sts else None


def seen(user: UserState, msg: StsSeen, turn: Turn) -> None:
    """Remember what a host wants, or forget it; all networks of the user that are there hear of it."""
    if msg.duration == 0 and msg.host not in user.sts:
        return
    if len(user.sts) >= MOST and msg.host not in user.sts:
        _forget_expired(user, turn)
        if len(user.sts) >= MOST:
            return
    policy = StsPolicy(user.record.id, msg.host, msg.port, turn.wall + msg.duration if msg.duration else 0.0)
    user.sts[msg.host] = policy
    if not msg.duration:
        del user.sts[msg.host]
    save(user, SaveSts(policy), turn)
    for network in user.networks.values():
        if network.upstream.path and _host(network.record) == msg.host:
            turn.send(network.upstream, RememberSts(policy))


def _forget_expired(user: UserState, turn: Turn) -> None:
    for policy in [policy for policy in user.sts.values() if policy.expires <= turn.wall]:
        del user.sts[policy.host]
        save(user, SaveSts(StsPolicy(policy.user_id, policy.host, policy.port, 0.0)), turn)


def _host(record: Network) -> str:
    try:
        return parse_address(record.addr).host
    except AddressError:
        return ""
