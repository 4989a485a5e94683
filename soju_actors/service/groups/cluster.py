"""``cluster``: the nodes, and which users run on which."""

from soju_actors.service.commands import Command, Group

GROUP = Group(
    "cluster",
    "the nodes of a cluster",
    (
        Command("cluster status", "list the nodes, and what runs there", admin=True, everywhere=True),
        Command(
            "cluster move",
            "move a user to another node",
            ("<user>", "<node>"),
            admin=True,
            everywhere=True,
            examples=("cluster move alice b",),
        ),
        Command(
            "cluster drain",
            "let all users leave a node, and none come",
            ("<node>",),
            admin=True,
            everywhere=True,
            examples=("cluster drain a",),
        ),
        Command(
            "cluster undrain",
            "let users come to a node again",
            ("<node>",),
            admin=True,
            everywhere=True,
            examples=("cluster undrain a",),
        ),
        Command(
            "cluster explain",
            "tell where a user would be placed now, and why",
            ("<user>",),
            admin=True,
            everywhere=True,
            examples=("cluster explain alice",),
        ),
        Command(
            "cluster record",
            "write who talks to whom, on all nodes, into a file here: .csv or .parquet",
            ("<file>", "<seconds>"),
            admin=True,
            everywhere=True,
            examples=("cluster record /tmp/edges.csv 10",),
        ),
    ),
)
