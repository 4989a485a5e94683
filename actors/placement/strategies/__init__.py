"""The strategies that come with the actor layer."""

from collections.abc import Mapping

from actors.placement.strategies import counts, exchange, load, near, simple
from actors.placement.strategy import Strategy

BUILT_IN: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy("local", "where it is asked for, or as near to it as can be", simple.local),
        Strategy("random", "anywhere", simple.random),
        Strategy("round-robin", "one node after the other", simple.round_robin),
        Strategy("least-loaded", "the node farthest from what it can do", load.least_loaded, load.balance),
        Strategy("power-of-two", "of two nodes by chance the one with less to do", load.power_of_two, load.balance),
        Strategy(
            "rendezvous",
            "by a hash of group and node: few move when nodes come and go",
            simple.rendezvous,
            simple.propose_rendezvous,
        ),
        Strategy("zone-aware", "near its clients and servers", near.zone_aware, near.propose_zone_aware),
        Strategy("near-client", "near its clients", near.near_client, near.propose_near_client),
        Strategy("near-server", "near its servers", near.near_server, near.propose_near_server),
        Strategy("spread", "where the fewest of its kind are, by zone and node", counts.spread, counts.propose_spread),
        Strategy("pack", "the fullest node with room, so that others are empty", counts.pack, counts.propose_pack),
        Strategy("external", "where somebody outside says", simple.external, simple.propose_external),
        Strategy(
            "exchange",
            "near its peers; nodes swap groups so that fewer messages cross",
            exchange.near_peers,
            exchange.propose_exchange,
        ),
    )
}
"""By name, in the order in which they are listed."""
