"""What a client has shown to log in, and what the registry is asked because of it."""

from typing import NamedTuple

from soju_actors.messages.logins import AskScram, CertificateLogin, ScramLogin
from soju_actors.messages.logins import Login as PasswordLogin
from soju_actors.policy.login import Login

Request = AskScram | CertificateLogin | PasswordLogin | ScramLogin


class ByPassword(NamedTuple):
    """``name`` and ``password`` prove who it is, ``login`` says whose account it is to be, and what for."""

    name: str
    password: str
    login: Login


class ByCertificate(NamedTuple):
    """The connection's certificate proves who it is; ``login`` need not name a user."""

    login: Login


class ScramQuestion(NamedTuple):
    """The first step of SCRAM: how is the password of this name salted?"""

    name: str


class ByScram(NamedTuple):
    """The second: a proof to know the password of ``name``."""

    name: str
    auth_message: bytes
    proof: bytes
    login: Login


Proved = ByPassword | ByCertificate | ByScram
Attempt = Proved | ScramQuestion


def request_for(attempt: Attempt, remote: str, fingerprint: str) -> Request:
    """Return what the registry is asked."""
    match attempt:
        case ByPassword(name, password, login):
            return PasswordLogin(name, password, remote, _other(login, name))
        case ByCertificate(login):
            return CertificateLogin(fingerprint, remote, login.user)
        case ByScram(name, auth_message, proof, login):
            return ScramLogin(name, auth_message, proof, remote, _other(login, name))
        case ScramQuestion(name):
            return AskScram(name, remote)


def _other(login: Login, name: str) -> str:
    """Return whose account it is, where it is not the own one (row PRE-03)."""
    return login.user if login.user != name else ""
