"""What the nodes of a cluster on one machine are called, where they listen, and their configuration. Pure."""

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

Tables = Mapping[str, Mapping[str, object]]
"""Settings by the name of their table."""

LEADERS = 3
"""So many nodes are leaders, if there are as many."""


class Node(msgspec.Struct, frozen=True):
    """A node of a cluster on this machine."""

    name: str
    port: int
    """Where clients connect."""
    link: int
    """Where other nodes connect."""
    zone: str = "default"


def nodes(count: int, port: int, link: int) -> tuple[Node, ...]:
    """So many nodes, with ports from two on."""
    return tuple(Node(f"n{number + 1}", port + number, link + number) for number in range(count))


def configuration(
    node: Node, among: tuple[Node, ...], database: str, data: Path, keys: Path, *, more: Tables | None = None
) -> str:
    """The configuration file of a node; ``more`` has further settings."""
    tables: dict[str, dict[str, object]] = {
        "[[listen]]": {"uri": f"irc+insecure://127.0.0.1:{node.port}"},
        "[database]": {"url": database},
        "[cluster]": {
            "node": node.name,
            "zone": node.zone,
            "leaders": [f"127.0.0.1:{other.link}" for other in among[:LEADERS]],
            "listen": f"127.0.0.1:{node.link}",
            "keys": str(keys),
        },
    }
    for name, values in (more or {}).items():
        tables[f"[{name}]"] = {**tables.get(f"[{name}]", {}), **values}
    head = "# A node of a cluster for demonstration; each cluster up writes it anew.\n"
    head += _lines({"hostname": "bouncer.demo", "data_dir": str(data)})
    return head + "".join(f"\n{name}\n{_lines(values)}" for name, values in tables.items())


def _lines(values: Mapping[str, object]) -> str:
    """Keys and values; JSON of texts, numbers and lists is TOML, too."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
