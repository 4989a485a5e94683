"""``sasl`` and ``certfp``: logins to servers, rows SVC-11 to SVC-15."""

from soju_actors.service.commands import Command, Flag, Group, Kind
from soju_actors.service.groups.flags import ON_NETWORK

_KEYS = ("rsa", "ecdsa", "ed25519")

SASL = Group(
    "sasl",
    "how you log in to a network",
    (
        Command("sasl status", "tell how you log in to a network", flags=(ON_NETWORK,)),
        Command(
            "sasl set-plain",
            "log in with a password (SASL PLAIN)",
            ("<username>", "<password>"),
            flags=(ON_NETWORK,),
            examples=('sasl set-plain -network libera alice "my pass"',),
        ),
        Command(
            "sasl set-scram",
            "log in with a password that the server is not told (SASL SCRAM-SHA-256)",
            ("<username>", "<password>"),
            flags=(ON_NETWORK,),
            examples=('sasl set-scram -network libera alice "my pass"',),
        ),
        Command("sasl reset", "log in no more, and forget the password or certificate", flags=(ON_NETWORK,)),
    ),
)

CERTFP = Group(
    "certfp",
    "the certificate that you log in to a network with",
    (
        Command(
            "certfp generate",
            "make a certificate and log in with it (SASL EXTERNAL)",
            flags=(
                ON_NETWORK,
                Flag("key-type", "|".join(_KEYS), "the kind of its key; rsa if not given", choices=_KEYS),
                Flag("bits", "number", "the size of an RSA key, 2048 to 8192; 3072 if not given", Kind.NUMBER),
            ),
            examples=("certfp generate", "certfp generate -network libera -key-type ed25519"),
        ),
        Command("certfp fingerprint", "tell the fingerprints of the certificate", flags=(ON_NETWORK,)),
    ),
)
