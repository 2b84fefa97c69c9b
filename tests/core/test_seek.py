"""Where a moment lies in a table of increasing ids: right, and found in few reads."""

from bisect import bisect_right
from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from poller.core.seek import MARGIN_ROWS, highest, id_before

IDS = st.lists(st.integers(1, 200_000), unique=True, max_size=60).map(sorted)


@given(IDS)
def test_the_highest_id_is_found_in_twice_as_many_reads_as_it_has_binary_digits(ids: list[int]) -> None:
    reads = []

    def has_after(key: int) -> bool:
        reads.append(key)
        return bisect_right(ids, key) < len(ids)

    assert highest(has_after) == max(ids, default=0)
    assert len(reads) <= 2 * (max(ids, default=0).bit_length() + 1)


@given(IDS, st.integers(0, 70))
def test_what_is_before_a_moment_is_below_the_id_found(ids: list[int], moment: int) -> None:
    """Stamps grow with the ids here; the margin, for those that do not, comes on top."""
    stamps = {key: f"{place:03}" for place, key in enumerate(ids)}
    newest, reads = max(ids, default=0), 0

    def probe(key: int) -> str | None:
        nonlocal reads
        reads += 1
        place = bisect_right(ids, key)
        return stamps[ids[place]] if place < len(ids) else None

    found = id_before(f"{moment:03}", newest, probe)
    last_before = max((key for key in ids if stamps[key] < f"{moment:03}"), default=0)
    assert found == max(last_before - MARGIN_ROWS, 0)
    assert reads <= ceil(log2(newest + 1)) + 1


def test_an_empty_table_is_read_from_its_beginning() -> None:
    assert id_before("2026-01-01", 0, lambda _: None) == 0
