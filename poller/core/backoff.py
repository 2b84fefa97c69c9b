"""How long to wait before the next attempt at Segment."""

from datetime import timedelta

BASE = timedelta(seconds=0.5)
CAP = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)
"""The longest Retry-After that is obeyed: a mistyped header must not silence a shop for a day."""

_DOUBLINGS = 16


def delay(attempt: int, *, jitter: float, retry_after: timedelta | None = None) -> timedelta:
    """The wait after the `attempt`-th failure in a row (1 for the first): exponential, and at least `retry_after`.

    `jitter` in [0, 1) spreads it over the upper half, so that several pollers do not come back together.
    """
    if attempt < 1 or not 0 <= jitter < 1:
        raise ValueError(f"attempt {attempt} must be positive, jitter {jitter} in [0, 1)")
    full = min(CAP, BASE * (1 << min(attempt - 1, _DOUBLINGS)))
    own = full * (1 + jitter) / 2
    return max(own, min(retry_after, LONGEST_WAIT)) if retry_after else own
