"""How much a producer may have under way."""

from dataclasses import dataclass


@dataclass(slots=True)
class Window:
    """So many batches may be unacknowledged at once.

    The producer takes a credit for each batch it sends and stops its source when
    there is none; an acknowledgement gives them back.
    """

    limit: int
    under_way: int = 0

    @property
    def open(self) -> bool:
        """Whether another batch may be sent."""
        return self.under_way < self.limit

    def take(self) -> bool:
        """Use a credit, if there is one."""
        if self.under_way >= self.limit:
            return False
        self.under_way += 1
        return True

    def give(self, n: int = 1) -> None:
        """Take back the credit of ``n`` acknowledged batches.

        Raises:
            ValueError: more was acknowledged than was under way.
        """
        if not 0 <= n <= self.under_way:
            raise ValueError(f"{n} acknowledged, but {self.under_way} under way")
        self.under_way -= n
