"""Two events and the messages they become."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from poller.core.events import Event, Json, Who
from poller.segment.compose import MessageComposer
from poller.segment.wire import Wire

NAMESPACE = UUID("11111111-2222-5333-8444-555555555555")
WIRE = Wire(namespace=NAMESPACE, write_key="canary-write-key")
TRAITS: Mapping[str, Json] = {"email": "ada@example.com", "firstName": "Ada", "phone": "", "newsletter": False}
KNOWN: Mapping[str, Json] = {"email": "ada@example.com", "firstName": "Ada", "newsletter": False}
WHO = Who(user_id="4", anonymous_id="a-30", customer_id=4, traits=TRAITS)
COMPLETED = Event(
    fact="order/17/completed",
    call="track",
    name="Order Completed",
    thing="order",
    key=17,
    occurred_at=datetime(2026, 3, 1, 12, 0, 0, 120_000, tzinfo=UTC),
    who=WHO,
    properties={
        "order_id": "17",
        "total": Decimal("38.24"),
        "currency": "EUR",
        "coupon": "",
        "products": [{"product_id": "1", "price": Decimal("19.12"), "category": "Men"}],
    },
    amount=Decimal("38.24"),
    currency="EUR",
)
IDENTIFY = replace(
    COMPLETED,
    fact="customer/4/identify/1",
    call="identify",
    name="identify",
    properties={"purchase_count_xcommerce": 3},
    amount=None,
    currency=None,
)
PROPERTIES = {
    "order_id": "17",
    "total": 38.24,
    "currency": "EUR",
    "products": [{"product_id": "1", "price": 19.12, "category": "Men"}],
    "userId": "4",
}


def composed(event: Event, wire: Wire = WIRE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MessageComposer(wire).compose(event).text)
    return found
