"""``password`` and ``device-certificate``: what your clients log in to the bouncer with, rows SVC-16 to SVC-18."""

from soju_actors.service.commands import Command, Flag, Group

PASSWORD = Group(
    "password",
    "passwords that are made for one client each",
    (
        Command("password status", "list them, and when they were last used"),
        Command(
            "password create",
            "make one for a client; it is shown once",
            ("<name>",),
            examples=("password create phone", 'password create "laptop at work"'),
        ),
        Command(
            "password delete",
            "take one back, and disconnect who uses it",
            ("<name>",),
            examples=("password delete phone",),
        ),
    ),
)

DEVICE_CERTIFICATE = Group(
    "device-certificate",
    "certificates that clients log in with",
    (
        Command("device-certificate status", "list them, and when they were last used"),
        Command(
            "device-certificate create",
            "log in with this one, or another",
            flags=(
                Flag("label", "name", "what you call the device", required=True),
                Flag("fingerprint", "hash", "the SHA-512 hash of another certificate, in hexadecimal digits"),
            ),
            examples=("device-certificate create -label phone",),
        ),
        Command(
            "device-certificate delete",
            "take one back, and disconnect who uses it",
            ("<fingerprint>",),
            examples=("device-certificate delete 27776a489417",),
        ),
    ),
)
