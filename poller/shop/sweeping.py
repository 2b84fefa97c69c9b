"""Digests of rows that change without telling anyone: what the sweep compares with what it saw before.

A thing's digest is the exclusive or of those of its own row and of its children's rows; a block's is that of all its
things. Both are computed by the server, by the same expression (sql/sweep).
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b

from poller.core.blocks import BLOCK_KEYS, DIGEST_BYTES, BlockRead, BlockSum, SweptRow, keys_of
from poller.shop.glancing import STATEMENTS, glance
from poller.shop.session import Session
from poller.shop.values import as_int, as_text

GONE = b""
_ROWS = {"order": ("sweep/orders", "sweep/order_lines"), "customer": ("sweep/customers", "sweep/addresses")}
_BLOCKS = {
    "order": ("sweep/order_blocks", "sweep/line_blocks"),
    "customer": ("sweep/customer_blocks", "sweep/address_blocks"),
}


def digests(session: Session, thing: str, keys: Sequence[int]) -> Mapping[int, bytes]:
    """One digest a key, over the row and its children; GONE for a row that is gone; none of what is not swept."""
    if thing in STATEMENTS:
        return glance(session, thing, keys)
    if thing not in _ROWS:
        return {}
    rows = _read(session, thing, keys).rows
    return {key: rows[key].digest if key in rows else GONE for key in keys}


def _read(session: Session, thing: str, keys: Sequence[int]) -> BlockRead:
    """The rows of those keys, and the sums of all that was read: also of children whose parent is gone."""
    own, below = _ROWS[thing]
    children = {
        row[0]: (as_int(row.digest), as_int(getattr(row, "refunds", 0))) for row in session.rows_in(below, keys)
    }
    found: dict[int, SweptRow] = {}
    total = 0
    for row in session.rows_in(own, keys):
        total ^= row.digest
        digest = row.digest ^ children.get(row[0], (0, 0))[0]
        state = as_int(row.current_state) if thing == "order" else 0
        found[row[0]] = SweptRow(_as_bytes(digest), as_text(row.date_add), state)
    beneath = refunds = 0
    for digest, counters in children.values():
        beneath ^= digest
        refunds ^= counters
    return BlockRead(BlockSum(len(found), _as_bytes(total), _as_bytes(beneath)), found, _as_bytes(refunds))


def _as_bytes(digest: int) -> bytes:
    return digest.to_bytes(DIGEST_BYTES, "big")


_TABLES: Mapping[str, str] = {"order": "orders", "customer": "customer"}


class SessionBlocks:
    """ShopBlocks in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def newest_key(self, thing: str) -> int:
        """The highest key, 0 if there is none."""
        return as_int(getattr(self._session.one("sweep/newest"), f"newest_{thing}"))

    def next_key(self, thing: str) -> int:
        """The key that the next order or customer will get; 0 where the server does not say."""
        found = self._session.rows_by("sweep/next_key", [self._session.full_name(_TABLES[thing])])
        return max((as_int(row.next_key) for row in found), default=0)

    def sums(self, thing: str, *, first: int, last: int, with_below: bool = True) -> Mapping[int, BlockSum]:
        """The sums of the blocks that have rows."""
        own, below = _BLOCKS[thing]
        found = {row.block: (row.row_count, row.digest) for row in self._session.rows(own, **_span(first, last))}
        beneath: dict[int, int] = {}
        if with_below:
            beneath = {row.block: row.digest for row in self._session.rows(below, **_span(first, last))}
        sums: dict[int, BlockSum] = {}
        for block in {*found, *beneath}:
            count, digest = found.get(block, (0, 0))
            sums[block] = BlockSum(count, _as_bytes(digest), _as_bytes(beneath.get(block, 0)) if with_below else None)
        return sums

    def refunds(self, *, first: int, last: int) -> Mapping[int, bytes]:
        """What the counters of these blocks of lines add to each block of orders."""
        rows = self._session.rows("sweep/refunds", **_span(first, last))
        return {row.block: _as_bytes(row.refunds) for row in rows}

    def states(self, *, first: int, last: int) -> Mapping[int, int]:
        """The sums over the orders' states."""
        states = [row[0] for row in self._session.rows("sweep/states")]
        if not states:
            return {}
        rows = self._session.rows("sweep/order_states", ids=states, **_span(first, last))
        return {row.block: int(row.states) for row in rows}

    def read(self, thing: str, number: int) -> BlockRead:
        """A block row by row."""
        return _read(self._session, thing, keys_of(number))

    def unrecorded(self, number: int, *, since: str) -> Collection[int]:
        """Orders of a block in which something stands that no record tells of; and the unpaid ones added `since`."""
        span = _span(number, number)
        states = self._session.rows("sweep/unrecorded_states", since=since, **span)
        refunds = self._session.rows("sweep/unrecorded_refunds", **span)
        return {row[0] for row in (*states, *refunds)}

    def form(self, thing: str) -> str:
        """The statements' own text, as it is fitted to this schema."""
        texts = [self._session.text(name) for name in (*_BLOCKS[thing], *_ROWS[thing])]
        return blake2b("\n".join(texts).encode(), digest_size=8).hexdigest()


def _span(first: int, last: int) -> dict[str, int]:
    return {"after_id": max(first * BLOCK_KEYS - 1, 0), "until_id": (last + 1) * BLOCK_KEYS - 1}
