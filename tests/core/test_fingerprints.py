"""Counting what is distinct in eight bytes each."""

from hypothesis import given
from hypothesis import strategies as st

from poller.core.fingerprints import Fingerprints

VALUES = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 40), st.just(2**63), st.integers(2**64, 2**128 - 1))


@given(st.lists(VALUES))
def test_it_is_a_set(values: list[int]) -> None:
    found, seen = Fingerprints(), set[int]()
    for value in values:
        plain = value % 2**64 or 1
        assert (value in found) == (plain in seen)
        assert found.add(value) == (plain not in seen)
        seen.add(plain)
    assert len(found) == len(seen)
    assert all(value in found for value in values)


def test_it_grows_and_forgets_nothing() -> None:
    found = Fingerprints()
    values = [number * 0x9E3779B97F4A7C15 % 2**64 for number in range(1, 20_001)]
    assert all(found.add(value) for value in values)
    assert not any(found.add(value) for value in values)
    assert len(found) == len(values)
