"""Ways to log in, for dialogs about logins."""

import re
from base64 import b64decode, b64encode
from typing import Any

from scramp import ScramClient
from scramp.core import Gs2Header

from soju_actors.policy.accounts import AccountSettings
from soju_actors.policy.downstream import DownstreamSettings
from tests.behaviour.stages import AnyStage
from tests.support.dialog import play
from tests.support.world import HOSTNAME

ITERATIONS = 4096
SCRAM = AccountSettings(scram_iterations=ITERATIONS)
WITH_SCRAM: dict[str, Any] = {
    "settings": DownstreamSettings(HOSTNAME, mechanisms=("PLAIN", "SCRAM-SHA-256")),
    "server": {"accounts": SCRAM},
    "scram": ITERATIONS,
}
"""The fields of a setting with SCRAM."""


WELCOME = """
    new < 001 alice *
    new < 002 alice *
    new < 004 alice bouncer.test soju-actors aiwroO OovaimnqpsrtklbeI
    new < 005 * **
    new < 221 alice +
    new < 396 alice host *
    new < 422 alice *
    new < :alice!a@host JOIN #soju
    new < 332 alice #soju :About #soju
    new < 333 alice #soju bob!b@host 1700000000
    new < 353 alice = #soju :alice @bob carol
    new < 366 alice #soju *
    libera < AWAY
"""
"""What a client without capabilities gets that is bound to libera, where the user is back then."""

WELCOME_WITH_SASL = WELCOME.replace("new < 422", "new < 901 alice alice!a@host *\n    new < 422")

UNBOUND = """
    new < 001 alice *
    new < 002 alice *
    new < 004 **
    new < 005 * **
    new < 221 alice +o
    new < 422 alice *
"""
"""What an admin's client gets that is bound to no network."""


def encoded(text: str) -> str:
    """Return a parameter of AUTHENTICATE."""
    return b64encode(text.encode()).decode() or "+"


def plain(name: str, password: str, account: str = "") -> str:
    """Return a response of SASL PLAIN."""
    return encoded(f"{account}\0{name}\0{password}")


def begin_sasl(peer: str = "new") -> str:
    """Return the steps that enable SASL."""
    return f"{peer} > CAP REQ sasl\n{peer} < CAP * ACK sasl\n"


def by_plain(name: str, password: str, outcome: str = "903", *, account: str = "", peer: str = "new") -> str:
    """Return the steps of a login with PLAIN."""
    return f"""
        {peer} > AUTHENTICATE PLAIN
        {peer} < AUTHENTICATE +
        {peer} > AUTHENTICATE {plain(name, password, account)}
        {peer} < {outcome} * *
    """


class Header(Gs2Header):  # type: ignore[misc] # the library has no types
    """The beginning of a client's first message that names whom to act as, which the library leaves out."""

    def __init__(self, authzid: str) -> None:
        super().__init__("n", None)
        self.authzid = authzid

    def __str__(self) -> str:
        return f"n,a={self.authzid},"


class Scram:
    """A client that logs in with SCRAM, as a library makes it."""

    def __init__(self, stage: AnyStage, name: str, password: str, *, peer: str = "new", authzid: str = "") -> None:
        self.stage = stage
        self.peer = peer
        self.client = ScramClient(["SCRAM-SHA-256"], name, password, c_nonce=f"nonce-{peer}")
        if authzid:
            self.client.gs2_header = Header(authzid)
        self.challenge = ""

    def begin(self) -> None:
        """Ask for the mechanism and say who it is; the answer is the challenge."""
        found = play(
            self.stage,
            f"""
            {self.peer} > AUTHENTICATE SCRAM-SHA-256
            {self.peer} < AUTHENTICATE +
            {self.peer} > AUTHENTICATE {encoded(self.client.get_client_first())}
            {self.peer} < AUTHENTICATE $challenge
            """,
        )
        self.challenge = b64decode(found["challenge"]).decode()
        self.client.set_server_first(self.challenge)

    @property
    def salted(self) -> tuple[str, str]:
        """How the password is salted."""
        found = re.fullmatch(r"r=[^,]+,s=([^,]+),i=(\d+)", self.challenge)
        assert found is not None
        return found[1], found[2]

    def prove(self) -> None:
        """Send the proof, and check the server's own."""
        proof = encoded(self.client.get_client_final())
        found = play(self.stage, f"{self.peer} > AUTHENTICATE {proof}\n {self.peer} < AUTHENTICATE $proof")
        self.client.set_server_final(b64decode(found["proof"]).decode())

    def log_in(self) -> None:
        """Go through all of it."""
        self.begin()
        self.prove()
        play(self.stage, f"{self.peer} > AUTHENTICATE +\n {self.peer} < 903 * *")

    def fail(self) -> None:
        """Go through all of it, in vain."""
        self.begin()
        proof = encoded(self.client.get_client_final())
        refusal = "904 * :Invalid username or password"
        play(self.stage, f"{self.peer} > AUTHENTICATE {proof}\n {self.peer} < {refusal}")
