"""Jobs for the service ``console``: what the operator is to know of the start."""

import msgspec


class ListeningAt(msgspec.Struct, frozen=True, tag="console.listening"):
    """Connections are accepted at an address. No answer."""

    name: str
    address: str


class ListenFailed(msgspec.Struct, frozen=True, tag="console.listen-failed"):
    """Connections cannot be accepted there. No answer."""

    name: str
    reason: str


class SetDetail(msgspec.Struct, frozen=True, tag="console.set-detail"):
    """Log in detail, or no longer (row SVC-26). No answer."""

    detailed: bool
