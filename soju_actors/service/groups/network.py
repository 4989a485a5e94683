"""``network``: rows SVC-02 to SVC-06."""

from soju_actors.service.commands import Command, Flag, Group, Kind
from soju_actors.service.groups.flags import yes_or_no

_SETTINGS = (
    Flag("name", "name", "how you call it; without it, the host"),
    Flag("nick", "nick", "your nick there; empty: your usual one"),
    Flag("username", "name", "your username there; empty: the nick"),
    Flag("realname", "text", "your realname there; empty: your usual one"),
    Flag("pass", "password", "the password of the server; empty: none"),
    Flag(
        "certfp",
        "fingerprint",
        "take only the certificate with this SHA-256 or SHA-512 hash; empty: any valid one",
        Kind.PIN,
    ),
    Flag(
        "egress",
        "wishes",
        "connect from there: zone=NAME, capability=NAME, address=IP, or several with commas; empty: from anywhere",
    ),
    Flag("connect-command", "line", "send this when connected; empty: nothing", repeats=True),
    yes_or_no("auto-away", "be away while no client is attached"),
    yes_or_no("forward-away", "be away there with the text that you give with AWAY"),
    yes_or_no("enabled", "be connected"),
    yes_or_no("sasl-required", "do not connect without a SASL login"),
    yes_or_no("ignore-limit", "whatever the limit of networks is", admin=True),
)
_ADDRESS = "where the server is: ircs://host:port, irc+insecure://host:port or irc+unix:///path"

GROUP = Group(
    "network",
    "the IRC networks that you are on",
    (
        Command(
            "network create",
            "add a network and connect to it",
            flags=(Flag("addr", "address", _ADDRESS, required=True), *_SETTINGS),
            examples=(
                "network create -addr irc.libera.chat -name libera",
                "network create -addr irc+insecure://localhost:6667",
                'network create -addr irc.oftc.net -realname "Al B."',
                "network create -addr irc.example.org -egress zone=eu",
            ),
        ),
        Command(
            "network status",
            "tell how your networks stand, or all about one",
            ("[name]",),
            examples=("network status", "network status libera"),
        ),
        Command(
            "network update",
            "change a network, and connect to it again",
            ("[name]",),
            (Flag("addr", "address", _ADDRESS), *_SETTINGS),
            examples=("network update libera -nick alice", 'network update -connect-command "MODE alice +x"'),
        ),
        Command(
            "network delete",
            "forget a network, with its channels and history",
            ("[name]",),
            examples=("network delete libera",),
        ),
        Command(
            "network export",
            "print your networks as a file that run.py provision reads",
            ("[name]",),
            (yes_or_no("secrets", "with the passwords and keys"),),
            examples=("network export", "network export libera -secrets"),
        ),
        Command(
            "network quote",
            "send a line to a server as it is",
            ("[name]", "<line...>"),
            tail=True,
            examples=("network quote libera WHOIS bob",),
        ),
    ),
)
