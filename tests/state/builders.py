"""Short ways to write the values that cross the state port."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

from poller.ports import Commit, Memory, Outgoing
from poller.state.store import StateStore
from tests.support.fake_state import FakeState

AnyState: TypeAlias = StateStore | FakeState
"""What passes the conformance cases."""

AT = datetime(2024, 5, 1, 12, 30, 15, 123_457, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LARGE = 1_000_000


def id_of(number: int) -> UUID:
    """The message id of the n-th message."""
    return uuid5(NAMESPACE_URL, f"https://shop.example.com/{number}")


def message(number: int, **changes: Any) -> Outgoing:
    """The n-th message, about order n, of no customer."""
    values: dict[str, Any] = {
        "message_id": id_of(number),
        "name": "Order Completed",
        "thing": "order",
        "key": number,
        "customer_id": None,
        "occurred_at": AT,
        "text": f'{{"number":{number}}}',
    }
    return Outgoing(**values | changes)


def messages(*numbers: int, **changes: Any) -> list[Outgoing]:
    """Several of them."""
    return [message(number, **changes) for number in numbers]


def memory(key: int, **changes: Any) -> Memory:
    """What is remembered of order `key`."""
    values: dict[str, Any] = {
        "thing": "order",
        "key": key,
        "body": "{}",
        "digest": None,
        "again": None,
        "touched_at": AT,
    }
    return Memory(**values | changes)


def waiting(state: AnyState) -> list[int]:
    """The order numbers of what waits, in the order in which it would go out."""
    return [pending.key for pending in state.pending(limit=LARGE, max_bytes=LARGE)]


def live(*numbers: int, **changes: object) -> Commit:
    """A page of the live lane with those messages."""
    return Commit(lane="live", at=AT, outgoing=messages(*numbers, **changes))
