"""Times in classes, so that a median can be read from counts: six classes to each doubling, from 1 s to a week."""

import math
from collections.abc import Mapping

A_DOUBLING = 6
FIRST_MS = 1_000
LAST = 120  # 2^20 seconds: longer than any wait that is shown


def bucket_of(ms: int) -> int:
    """The class of a time: 0 up to a second, then each about an eighth wider than the one before."""
    if ms <= FIRST_MS:
        return 0
    return min(LAST, math.ceil(A_DOUBLING * math.log2(ms / FIRST_MS)))


def ends_of(bucket: int) -> tuple[float, float]:
    """From and to, in milliseconds."""
    if bucket == 0:
        return 0.0, float(FIRST_MS)
    return FIRST_MS * 2 ** ((bucket - 1) / A_DOUBLING), FIRST_MS * 2 ** (bucket / A_DOUBLING)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The time, in milliseconds, within which `share` (0 to 1) of the counted ones lie; None when there are none.

    Within its class it is taken as even, so it is right to about 6 %.
    """
    whole = sum(count for count in counts.values() if count > 0)
    if not whole:
        return None
    wanted, passed = share * whole, 0
    for bucket in sorted(counts):
        count = counts[bucket]
        if count > 0 and passed + count >= wanted:
            start, end = ends_of(bucket)
            return start + (end - start) * (wanted - passed) / count
        passed += max(count, 0)
    return ends_of(max(counts))[1]
