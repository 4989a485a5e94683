"""All commands of the service (section 4 of the reference)."""

from soju_actors.model.records import Filter
from soju_actors.service.commands import Command, Flag, Kind

_FILTERS = tuple(str(value) for value in Filter)


def _yes(name: str, about: str, *, admin: bool = False) -> Flag:
    return Flag(name, "true|false", about, Kind.BOOLEAN, admin=admin)


def _filter(name: str, about: str) -> Flag:
    return Flag(name, "|".join(_FILTERS), about, choices=_FILTERS)


_ON_NETWORK = Flag("network", "name", "the network, if not the current one")

_NETWORK = (
    Flag("name", "name", "how you call it; without it, the host"),
    Flag("nick", "nick", "your nick there; empty: your usual one"),
    Flag("username", "name", "your username there; empty: the nick"),
    Flag("realname", "text", "your realname there; empty: your usual one"),
    Flag("pass", "password", "the password of the server; empty: none"),
    Flag(
        "certfp",
        "fingerprint",
        "take only the certificate with this SHA-256 or SHA-512 hash; empty: any valid",
        Kind.PIN,
    ),
    Flag("connect-command", "line", "send this when connected; may be repeated; empty: nothing", repeats=True),
    _yes("auto-away", "be away while no client is attached"),
    _yes("enabled", "be connected"),
    _yes("sasl-required", "do not connect without a SASL login"),
    _yes("ignore-limit", "whatever the limit of networks is", admin=True),
)
_ADDRESS = "ircs://host:port, irc+insecure://host:port or irc+unix:///path"

_CHANNEL = (
    _ON_NETWORK,
    _yes("detached", "stay in it without following it"),
    _filter("relay-detached", "what you are told of while it is detached"),
    _filter("reattach-on", "what makes it attached again"),
    Flag("detach-after", "duration", "detach after so long without activity; 0: never", Kind.DURATION),
    _filter("detach-on", "what counts as activity for that"),
)
_ACCOUNT = (
    Flag("password", "password", "the password"),
    Flag("nick", "nick", "the usual nick; empty: the user's name"),
    Flag("realname", "text", "the usual realname; empty: the nick"),
)
_ADMINS = (
    _yes("disable-password", "have no password: nobody can log in with one", admin=True),
    _yes("admin", "be an admin", admin=True),
    _yes("enabled", "be able to log in, and be connected", admin=True),
    Flag("max-networks", "number", "enabled networks at most; -1: the server's own limit", Kind.NUMBER, admin=True),
)

COMMANDS: tuple[Command, ...] = (
    Command("help", "list commands, or tell how one is used", ("[command...]",), everywhere=True, tail=True),
    Command(
        "network create",
        "add a network and connect to it",
        flags=(Flag("addr", "address", f"where the server is: {_ADDRESS}", required=True), *_NETWORK),
    ),
    Command("network status", "tell how your networks stand"),
    Command(
        "network update",
        "change a network, and connect to it again",
        ("[name]",),
        (Flag("addr", "address", f"where the server is: {_ADDRESS}"), *_NETWORK),
    ),
    Command("network delete", "forget a network, with its channels and history", ("<name>",)),
    Command("network quote", "send a line to a server as it is", ("[name]", "<line...>"), tail=True),
    Command("channel status", "tell how your channels stand", flags=(_ON_NETWORK,)),
    Command("channel create", "join a channel whenever connected", ("<name>",), _CHANNEL),
    Command("channel update", "change what is done with a channel", ("<name>",), _CHANNEL),
    Command("channel delete", "leave a channel and forget it; its history stays", ("<name>",), (_ON_NETWORK,)),
    Command("sasl status", "tell how you log in to a network", flags=(_ON_NETWORK,)),
    Command(
        "sasl set-plain", "log in with a password (SASL PLAIN)", ("<username>", "<password>"), flags=(_ON_NETWORK,)
    ),
    Command(
        "sasl set-scram",
        "log in with a password that the server is not told (SASL SCRAM-SHA-256)",
        ("<username>", "<password>"),
        flags=(_ON_NETWORK,),
    ),
    Command("sasl reset", "log in no more, and forget the password or certificate", flags=(_ON_NETWORK,)),
    Command(
        "certfp generate",
        "make a certificate and log in with it (SASL EXTERNAL)",
        flags=(
            _ON_NETWORK,
            Flag(
                "key-type",
                "rsa|ecdsa|ed25519",
                "the kind of its key; rsa if not given",
                choices=("rsa", "ecdsa", "ed25519"),
            ),
            Flag("bits", "number", "the size of an RSA key, 2048 to 8192; 3072 if not given", Kind.NUMBER),
        ),
    ),
    Command("certfp fingerprint", "tell the fingerprints of the certificate", flags=(_ON_NETWORK,)),
    Command("user status", "list the users, or tell of one", ("[name]",), admin=True, everywhere=True),
    Command(
        "user create",
        "add a user",
        flags=(Flag("username", "name", "the user's name", required=True), *_ACCOUNT, *_ADMINS),
        admin=True,
        everywhere=True,
    ),
    Command("user update", "change your account, or another's", ("[name]",), (*_ACCOUNT, *_ADMINS), everywhere=True),
    Command("user delete", "delete an account with all that is in it", ("<name>", "[token]"), everywhere=True),
    Command(
        "user run",
        "give a command as another user",
        ("<name>", "<command...>"),
        admin=True,
        everywhere=True,
        tail=True,
    ),
    Command("server status", "count what there is", admin=True, everywhere=True),
    Command("server notice", "tell every client of every user", ("<text...>",), admin=True, everywhere=True, tail=True),
    Command("server debug", "log in detail, or no longer", ("<true|false>",), admin=True, everywhere=True),
    Command("server refresh", "look again at users that another program has changed", admin=True, everywhere=True),
)
