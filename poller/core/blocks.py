"""Blocks: a thousand keys of one kind of thing, and what the sweep keeps of them: eight bytes and a bit a row.

Keys are cut at whole thousands, so that a block is the same rows whoever asks, and never more than a thousand.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zlib import crc32

BLOCK_KEYS = 1_000
DIGEST_BYTES = 8
_BITMAP_BYTES = BLOCK_KEYS // 8


def block_of(key: int) -> int:
    """The number of the block that a key is in."""
    return key // BLOCK_KEYS


def keys_of(block: int) -> range:
    """Every key a block may hold; 0 is nobody."""
    return range(max(block * BLOCK_KEYS, 1), (block + 1) * BLOCK_KEYS)


def pack(rows: Mapping[int, bytes]) -> bytes:
    """The digests of one block's rows: a bit for each key that has one, then the digests in the order of the keys."""
    bits = 0
    for key in rows:
        bits |= 1 << key % BLOCK_KEYS
    return bits.to_bytes(_BITMAP_BYTES, "little") + b"".join(rows[key] for key in sorted(rows))


def unpack(block: int, packed: bytes) -> dict[int, bytes]:
    """The inverse of pack."""
    return dict(_unpacked(block, packed))


def _unpacked(block: int, packed: bytes) -> Iterator[tuple[int, bytes]]:
    bits = int.from_bytes(packed[:_BITMAP_BYTES], "little")
    place = _BITMAP_BYTES
    while bits:
        lowest = bits & -bits
        yield block * BLOCK_KEYS + lowest.bit_length() - 1, packed[place : place + DIGEST_BYTES]
        bits ^= lowest
        place += DIGEST_BYTES


def folded(digests: Iterable[bytes]) -> bytes:
    """The digest of several: their exclusive or."""
    total = 0
    for digest in digests:
        total ^= int.from_bytes(digest, "big")
    return total.to_bytes(DIGEST_BYTES, "big")


def state_digest(key: int, state_id: int) -> int:
    """What one order adds to its block's sum of states; sql/sweep/order_states.sql computes the same."""
    return crc32(f"{key}:{state_id}".encode())


@dataclass(frozen=True, slots=True)
class BlockSum:
    """A block in a few bytes: how many rows it has, and the digest of all of them.

    `below` is the digest of the rows that belong to them; None where it was not asked for.
    """

    count: int
    digest: bytes
    below: bytes | None = None


@dataclass(frozen=True, slots=True)
class SweptRow:
    """A row as the sweep sees it; `added` is when it was added, as the shop wrote it (its local time)."""

    digest: bytes
    added: str
    state_id: int = 0


@dataclass(frozen=True, slots=True)
class BlockRead:
    """A block read row by row, with the sums that belong to these very rows; `refunds`: of the lines' counters."""

    sum: BlockSum
    rows: Mapping[int, SweptRow]
    refunds: bytes

    @property
    def states(self) -> int:
        """The sum over the rows' states, as the index on the state alone would give it."""
        return sum(state_digest(key, row.state_id) for key, row in self.rows.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptBlock:
    """What is kept of a block since it was last read.

    The sums are None while some of its rows are still to be looked at; `states` and `refunds` also for customers.
    `doubted_at`: since when so many of its rows are gone that it is not believed.
    """

    thing: str
    number: int
    sum: BlockSum | None
    states: int | None
    refunds: bytes | None
    rows: Mapping[int, bytes]
    read_at: datetime
    doubted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SweptSum:
    """The short part of a SweptBlock."""

    sum: BlockSum | None
    states: int | None
    refunds: bytes | None


class ShopBlocks(Protocol):
    """The shop's side of the sweep, within one snapshot; block numbers are `first <= number <= last`."""

    def newest_key(self, thing: str) -> int:
        """The highest key of orders, customers or order lines (`line`), 0 if there is none."""

    def next_key(self, thing: str) -> int:
        """The key that the next order or customer will get: above all that were ever there. 0 if it is not known."""

    def sums(self, thing: str, *, first: int, last: int, with_below: bool = True) -> Mapping[int, BlockSum]:
        """The sums of the blocks that have rows."""

    def refunds(self, *, first: int, last: int) -> Mapping[int, bytes]:
        """What the counters of the lines in these blocks of *lines* add to each block of orders."""

    def states(self, *, first: int, last: int) -> Mapping[int, int]:
        """The sums over the orders' states, from the index on the state alone."""

    def read(self, thing: str, number: int) -> BlockRead:
        """A block row by row."""

    def unrecorded(self, number: int, *, since: str) -> Collection[int]:
        """Orders of a block in which something stands that no record tells of; and the unpaid ones added `since`."""

    def form(self, thing: str) -> str:
        """What digests are made of: those of another form say nothing about these."""


class StateBlocks(Protocol):
    """The state store's side of the sweep. What changes in it goes through State.commit, but for `forget`."""

    def sums(self, thing: str, *, first: int, last: int) -> Mapping[int, SweptSum]:
        """The short parts of the blocks that are kept."""

    def get(self, thing: str, number: int) -> SweptBlock | None:
        """A block with its rows."""

    def read_at(self, thing: str, keys: Sequence[int]) -> Mapping[int, datetime]:
        """When the blocks of those keys were read that had such a row."""

    def remembered(self, thing: str, number: int) -> set[int]:
        """Keys of a block that have a memory."""

    def highest(self, thing: str) -> int:
        """The highest block number that is kept, -1 if none is."""

    def forget(self, thing: str) -> None:
        """Forget the blocks of a kind of thing: they are learned anew."""
