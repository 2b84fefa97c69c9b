"""From the poller's values to plain JSON."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.errors import BugError
from poller.segment.plain import plain, sendable


def test_values_become_json_and_what_is_absent_is_dropped() -> None:
    paris = timezone(timedelta(hours=2))
    found = plain(
        {
            "total": Decimal("38.20"),
            "count": 0,
            "is_guest": False,
            "at": datetime(2026, 7, 1, 14, 30, tzinfo=paris),
            "exactly": datetime(2026, 7, 1, 14, 30, 0, 250_000, tzinfo=UTC),
            "birthday": date(1990, 2, 28),
            "name": "",
            "phone": None,
            "address": {"street": "", "city": None},
            "place": {"city": "Lyon", "state": ""},
            "products": ({"price": Decimal(1), "url": None}, None, "", {}),
            "tags": [],
        },
        of="order/17",
    )
    assert found == {
        "total": 38.2,
        "count": 0,
        "is_guest": False,
        "at": "2026-07-01T12:30:00Z",
        "exactly": "2026-07-01T14:30:00.250000Z",
        "birthday": "1990-02-28",
        "place": {"city": "Lyon"},
        "products": [{"price": 1.0}],
        "tags": [],
    }


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (Decimal("NaN"), "is not a finite number"),
        (Decimal("Infinity"), "is not a finite number"),
        (Decimal("1e400"), "is not a finite number"),
        (float("nan"), "is not a finite number"),
        (float("-inf"), "is not a finite number"),
        (datetime(2026, 7, 1), "is a naive time"),  # noqa: DTZ001 - that is the case
        (UUID(int=1), "is a UUID"),
        (b"raw", "is a bytes"),
        (timedelta(1), "is a timedelta"),
        ({1}, "is a set"),
    ],
)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_json_cannot_say_is_a_bug_that_names_the_event(value: object, complaint: str, depth: int) -> None:
    nested = [value, {"inner": value}, {"inner": [{"deep": value}]}][depth]
    with pytest.raises(BugError, match=rf"^order/17/completed: total.* {complaint}"):
        plain({"total": nested}, of="order/17/completed")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Zoë 👕", "Zoë 👕"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00b", "\ufffdb"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83dx\ud83d\ude00", "\ufffdx\U0001f600"),
    ],
)
def test_a_torn_surrogate_is_replaced(text: str, sent: str) -> None:
    assert sendable(text) == sent
    assert plain({text: [text]}, of="x") == {sent: [sent]}


@given(st.text(st.characters()))
def test_any_text_can_be_sent(text: str) -> None:
    assert sendable(text).encode().decode() == json.loads(json.dumps(sendable(text)))
