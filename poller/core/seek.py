"""Where in a table of increasing ids a moment lies, found by a few single-row reads."""

from collections.abc import Callable

MARGIN_ROWS = 1_000
"""Stamps only follow ids roughly: so many rows before the place found are read as well."""


def highest(has_after: Callable[[int], bool]) -> int:
    """The highest id of a table, 0 if it is empty; `has_after(id)` says whether there is a row above that id."""
    high = 1
    while has_after(high):
        high *= 2
    low = 0
    while low < high:
        middle = (low + high) // 2
        if has_after(middle):
            low = middle + 1
        else:
            high = middle
    return low


def id_before(stamp: str, newest: int, probe: Callable[[int], str | None]) -> int:
    """An id below which no row is as late as `stamp`, give or take MARGIN_ROWS.

    `probe(id)` returns the stamp of the first row above that id, None if there is none.
    """
    low, high = 0, newest
    while low < high:
        middle = (low + high) // 2
        found = probe(middle)
        if found is not None and found < stamp:
            low = middle + 1
        else:
            high = middle
    return max(low - MARGIN_ROWS, 0)
