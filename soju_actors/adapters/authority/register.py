"""What an authority has done: which certificates it has issued, and which it has revoked."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace


class Issued(msgspec.Struct, frozen=True):
    """A certificate of a node."""

    node: str
    serial: str
    """Hexadecimal."""
    generation: int
    """Of the authority that has signed it."""
    expires: float
    """Seconds since 1970."""
    revoked_at: float = 0.0
    """Seconds since 1970; 0 while it is not."""


class Register(msgspec.Struct, frozen=True):
    """The authority of a cluster: its key is replaced when it is rotated, its name stays."""

    cluster: str
    generations: tuple[int, ...] = (1,)
    """Those that are trusted, the oldest first; the last one signs."""
    issued: tuple[Issued, ...] = ()

    @property
    def signing(self) -> int:
        """The generation that signs."""
        return self.generations[-1]

    def valid(self, node: str, now: float) -> Iterator[Issued]:
        """Certificates by which a node is let in, the oldest first."""
        for one in self.issued:
            if one.node == node and one.generation in self.generations and not one.revoked_at and now < one.expires:
                yield one

    def revoked(self, generation: int) -> Iterator[Issued]:
        """What one generation has signed and revoked."""
        return (one for one in self.issued if one.generation == generation and one.revoked_at)

    def nodes(self, now: float) -> list[str]:
        """The nodes that are let in, by name."""
        return sorted(name for name in {one.node for one in self.issued} if any(self.valid(name, now)))

    def on_old(self, now: float) -> list[str]:
        """The nodes that would be shut out were only the newest generation trusted."""
        return [
            node for node in self.nodes(now) if all(one.generation != self.signing for one in self.valid(node, now))
        ]

    def with_issued(self, issued: Issued) -> "Register":
        """Note a certificate."""
        return replace(self, issued=(*self.issued, issued))

    def with_revoked(self, node: str, now: float) -> "Register":
        """Note that all certificates of a node are revoked."""
        valid = set(self.valid(node, now))
        return replace(self, issued=tuple(replace(one, revoked_at=now) if one in valid else one for one in self.issued))

    def with_next(self) -> "Register":
        """Note that a further generation is trusted, and signs from now on."""
        return replace(self, generations=(*self.generations, self.signing + 1))

    def without_old(self) -> "Register":
        """Note that the newest generation alone is trusted; what older ones have signed is forgotten."""
        kept = tuple(one for one in self.issued if one.generation == self.signing)
        return replace(self, generations=(self.signing,), issued=kept)
