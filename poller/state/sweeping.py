"""What the sweep saw last: blocks of a thousand keys, with eight bytes for each row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from poller.core.blocks import BlockSum, SweptBlock, SweptSum, block_of, keys_of, pack, unpack
from poller.state.database import Database
from poller.state.schema import memory, swept
from poller.state.statements import chunks, upsert


def keep(connection: Connection, blocks: Sequence[SweptBlock]) -> None:
    """Store blocks as they were read."""
    if blocks:
        changed = [column.name for column in swept.c if not column.primary_key]
        connection.execute(upsert(swept, *changed), [_row(block) for block in blocks])


def _row(block: SweptBlock) -> dict[str, object]:
    return {
        "thing": block.thing,
        "number": block.number,
        "size": block.sum.count if block.sum else None,
        "digest": block.sum.digest if block.sum else None,
        "below": block.sum.below if block.sum else None,
        "states": block.states,
        "refunds": block.refunds,
        "read_at": block.read_at,
        "doubted_at": block.doubted_at,
        "rows": pack(block.rows),
    }


class SweptBlocks:
    """StateBlocks on the state store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sums(self, thing: str, *, first: int, last: int) -> Mapping[int, SweptSum]:
        """The short parts of the blocks that are kept."""
        short = swept.c.number, swept.c.size, swept.c.digest, swept.c.below, swept.c.states, swept.c.refunds
        statement = select(*short)
        kept = statement.where(swept.c.thing == thing, swept.c.number.between(first, last))
        with self._database.read() as connection:
            rows = connection.execute(kept).all()
        return {row.number: SweptSum(_sum(row), row.states, row.refunds) for row in rows}

    def get(self, thing: str, number: int) -> SweptBlock | None:
        """A block with its rows."""
        with self._database.read() as connection:
            row = connection.execute(select(swept).where(swept.c.thing == thing, swept.c.number == number)).first()
        if row is None:
            return None
        return SweptBlock(
            thing=thing,
            number=number,
            sum=_sum(row),
            states=row.states,
            refunds=row.refunds,
            rows=unpack(number, row.rows),
            read_at=row.read_at,
            doubted_at=row.doubted_at,
        )

    def read_at(self, thing: str, keys: Sequence[int]) -> Mapping[int, datetime]:
        """When the blocks of those keys were read that had such a row."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for key in keys:
            wanted[block_of(key)].append(key)
        found: dict[int, datetime] = {}
        with self._database.read() as connection:
            for numbers in chunks(sorted(wanted)):
                statement = select(swept.c.number, swept.c.read_at, swept.c.rows)
                rows = connection.execute(statement.where(swept.c.thing == thing, swept.c.number.in_(numbers)))
                for number, read_at, packed in rows:
                    has = unpack(number, packed)
                    found.update((key, read_at) for key in wanted[number] if key in has)
        return found

    def remembered(self, thing: str, number: int) -> set[int]:
        """Keys of a block that have a memory."""
        keys = keys_of(number)
        statement = select(memory.c.key).where(memory.c.thing == thing, memory.c.key.between(keys[0], keys[-1]))
        with self._database.read() as connection:
            return set(connection.scalars(statement))

    def highest(self, thing: str) -> int:
        """The highest block number that is kept, -1 if none is."""
        with self._database.read() as connection:
            found = connection.scalar(select(func.max(swept.c.number)).where(swept.c.thing == thing))
        return -1 if found is None else int(found)

    def forget(self, thing: str) -> None:
        """Forget the blocks of a kind of thing."""
        with self._database.write() as connection:
            connection.execute(delete(swept).where(swept.c.thing == thing))


def _sum(row: Any) -> BlockSum | None:
    return None if row.size is None else BlockSum(row.size, row.digest, row.below)
