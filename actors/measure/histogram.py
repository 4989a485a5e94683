"""How often something took how long."""

from array import array

UNIT = 2.0**-22
"""Seconds that are told apart at the least, about a quarter of a microsecond."""
STEPS = 4
"""Buckets for each doubling: a bucket is at most a quarter wider than its lower end."""
BUCKETS = 112
"""The last one begins at 112 seconds, and has no end."""
_PER_SECOND = 1 / UNIT
_EMPTY = bytes(4 * BUCKETS)


class Histogram:
    """Counts of durations in buckets that grow with them, so that its size is fixed and its error a share."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts = array("I", _EMPTY)

    def add(self, seconds: float) -> None:
        """Count a duration."""
        self.counts[bucket_of(seconds)] += 1

    def merge(self, other: "Histogram") -> None:
        """Count what another has counted."""
        for index, count in enumerate(other.counts):
            self.counts[index] += count

    @property
    def total(self) -> int:
        """How many durations have been counted."""
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """The seconds that this share of the durations did not exceed: 0.5 for the median; 0 if there are none.

        It is the middle of a bucket, so at most an eighth too much or too little.
        """
        wanted = share * self.total
        passed = 0
        for index, count in enumerate(self.counts):
            passed += count
            if count and passed >= wanted:
                return (start_of(index) + start_of(index + 1)) / 2
        return 0.0


def bucket_of(seconds: float) -> int:
    """The bucket of a duration."""
    units = int(seconds * _PER_SECOND)
    if units < STEPS:
        return max(units, 0)
    shift = units.bit_length() - 3
    bucket = (shift << 2) + (units >> shift)
    return bucket if bucket < BUCKETS else BUCKETS - 1


def start_of(bucket: int) -> float:
    """The shortest duration of a bucket."""
    if bucket < STEPS:
        return bucket * UNIT
    return ((STEPS + (bucket & 3)) << ((bucket >> 2) - 1)) * UNIT
