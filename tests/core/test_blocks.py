"""Blocks: packed and unpacked they are the same rows, and the digest of all is that of each."""

from hypothesis import given
from hypothesis import strategies as st

from poller.core.blocks import BLOCK_KEYS, DIGEST_BYTES, block_of, folded, keys_of, pack, state_digest, unpack

blocks = st.integers(0, 10**9)
digests = st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES)


@given(block=blocks, rows=st.dictionaries(st.integers(0, BLOCK_KEYS - 1), digests))
def test_what_is_packed_comes_back(block: int, rows: dict[int, bytes]) -> None:
    whole = {block * BLOCK_KEYS + place: digest for place, digest in rows.items()}
    packed = pack(whole)
    assert unpack(block, packed) == whole
    assert len(packed) == BLOCK_KEYS // 8 + DIGEST_BYTES * len(rows)


@given(st.integers(1, 10**12))
def test_a_key_is_in_its_block_and_in_no_other(key: int) -> None:
    assert key in keys_of(block_of(key))
    assert key not in keys_of(block_of(key) + 1)


def test_nobody_is_in_no_block() -> None:
    assert 0 not in keys_of(0)
    assert len(keys_of(0)) == BLOCK_KEYS - 1


@given(st.lists(digests))
def test_the_order_in_which_digests_are_folded_does_not_matter(some: list[bytes]) -> None:
    assert folded(some) == folded(reversed(some))
    assert folded([*some, folded(some)]) == bytes(DIGEST_BYTES)


def test_many_orders_that_change_alike_do_not_cancel_out() -> None:
    """A checksum that is linear misses every even number of like edits; this sum of checksums does not."""
    before = sum(state_digest(key, 5) for key in range(1, 1_001))
    after = sum(state_digest(key, 6) for key in range(1, 1_001))
    assert before != after
