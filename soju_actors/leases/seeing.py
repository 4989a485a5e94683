"""Who acts for whom, as the database listed it last."""

from dataclasses import dataclass, field

from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.ports.leases import LeasesListed

ORPHAN = 3.0
"""Seconds after which a lease of this session that nobody holds is taken for free: until then it may be on its way."""


@dataclass(slots=True)
class Sight:
    """What was seen, and told."""

    nodes: tuple[str, ...] = ()
    places: dict[UserId, str] = field(default_factory=dict)
    mark: str = ""
    orphans: dict[Lease, float] = field(default_factory=dict)
    """When leases of this session were first seen that the keeper does not hold."""

    def look(
        self, listed: LeasesListed, own: SessionId | None, held: dict[UserId, Lease], now: float
    ) -> dict[UserId, str] | None:
        """Take in a list; return the places that have changed, None if nothing has."""
        self.mark = listed.mark
        missing = [lease for lease in listed.leases if lease.session == own and held.get(lease.user_id) != lease]
        self.orphans = {lease: self.orphans.get(lease, now) for lease in missing}
        places = {
            lease.user_id: listed.sessions[lease.session]
            for lease in listed.leases
            if now - self.orphans.get(lease, now) < ORPHAN
        }
        changed = {user: node for user, node in places.items() if self.places.get(user) != node}
        changed |= dict.fromkeys(self.places.keys() - places.keys(), "")
        nodes = tuple(sorted(set(listed.sessions.values())))
        same = not changed and nodes == self.nodes
        self.nodes, self.places = nodes, places
        return None if same else changed
