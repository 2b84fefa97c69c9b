"""The rehearsal: what stands in for the state store in a dry run. It counts what would be sent, and keeps none of it.

Memory does not grow with the period but for a fingerprint of each message and of each user (core.fingerprints).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from hashlib import blake2b
from typing import Any
from uuid import UUID

from poller.core.blocks import StateBlocks
from poller.core.fingerprints import Fingerprints
from poller.core.packing import BATCH_BYTES
from poller.core.shops import Source
from poller.engine.keeping import Keeping
from poller.ports import Commit, Outgoing, Remembered, Thing

SAMPLES = 3


@dataclass(slots=True)
class Count:
    """What would be sent: messages by month and name, their bytes as sent unpacked, the users, and three whole ones.

    A month is one of the shop's own calendar. `users` are those that Segment bills: distinct userIds, and anonymousIds
    where there is none. `requests` are the posts of a run that has the outbox to itself and is never refused.
    """

    months: dict[str, Counter[str]] = field(default_factory=dict)
    bytes: int = 0
    users: int = 0
    requests: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def messages(self) -> int:
        """All of them."""
        return sum(counter.total() for counter in self.months.values())


class Rehearsal:
    """engine.keeping.Keeping that reads what a real run would read, and lets nothing be written.

    `before` is the state store as it is, to be read only. `batch_rows` is the most messages that go out in one post.
    """

    def __init__(self, before: Keeping, *, zone: tzinfo, sources: Sequence[Source], batch_rows: int) -> None:
        self._before = before
        self._zone = zone
        self._sources = sources
        self._batch_rows = batch_rows
        self._silent = dict(before.suppressed())
        self._seen = Fingerprints()
        self._users = Fingerprints()
        self._firsts: dict[str, str] = {}
        self._more: list[str] = []
        self._count = Count()

    def marks(self, lane: str) -> Mapping[str, str]:
        """Where a real run would begin: one that was interrupted goes on."""
        return self._before.marks(lane)

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        """The memories there are."""
        return self._before.recall(things)

    def known(self, message_ids: Sequence[UUID]) -> set[UUID]:
        """What was told before, or was counted already."""
        return self._before.known(message_ids) | {one for one in message_ids if one.int in self._seen}

    @property
    def blocks(self) -> StateBlocks:
        """What the sweep saw."""
        return self._before.blocks

    def suppressed(self) -> Mapping[int, str]:
        """Those of whom nothing is sent, with the ones that this run found."""
        return self._silent

    def commit(self, commit: Commit) -> int:
        """Count a page's messages; returns how many."""
        self._silent |= {one.customer_id: one.reason for one in commit.suppressed}
        page = [
            message
            for message in commit.outgoing
            if message.customer_id not in self._silent and self._seen.add(message.message_id.int)
        ]
        for message in page:
            self._add(message)
        for source in self._sources:
            mine = [message for message in page if source.shops.holds(message.shop_id)]
            self._count.requests += sum(1 for _ in batches(mine, self._batch_rows))
        return len(page)

    def _add(self, message: Outgoing) -> None:
        month = message.occurred_at.astimezone(self._zone).strftime("%Y-%m")
        self._count.months.setdefault(month, Counter())[message.name] += 1
        self._count.bytes += len(message.text.encode())
        body = json.loads(message.text)
        user = json.dumps([body.get("userId"), None if body.get("userId") else body.get("anonymousId")])
        self._users.add(int.from_bytes(blake2b(user.encode(), digest_size=8).digest()))
        if message.name not in self._firsts:
            self._firsts[message.name] = message.text
        elif len(self._more) < SAMPLES:
            self._more.append(message.text)

    def count(self) -> Count:
        """What was counted so far; of the samples, each is of another kind as far as there are so many kinds."""
        chosen = [*self._firsts.values(), *self._more][:SAMPLES]
        self._count.samples = [json.loads(text) for text in chosen]
        self._count.users = len(self._users)
        self._count.months = dict(sorted(self._count.months.items()))
        return self._count


def batches(messages: Sequence[Outgoing], rows: int) -> Iterator[Sequence[Outgoing]]:
    """The posts that messages go out in: so many at most, and less than `BATCH_BYTES` of text, at least one."""
    batch: list[Outgoing] = []
    total = 0
    for message in messages:
        size = len(message.text.encode())
        if batch and (len(batch) >= rows or total + size >= BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(message)
        total += size
    if batch:
        yield batch
