"""Lifetime counters on every event with a known customer, as of the event; order events bring their own."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from poller.core.events import Event, Json
from poller.ports import Snapshot
from poller.streams.orders.facts import Ledger
from poller.streams.orders.lifetime import AsOf, counted

LEDGER = "ledger"
_OF_ORDERS = "order"


def with_counters(snapshot: Snapshot, events: Iterable[Event]) -> Mapping[str, Event]:
    """Those of the events that get counters here, with them, by fact.

    Asked only for events that are new: what a customer was worth then costs three statements a page.
    """
    wanting = [event for event in events if event.thing != _OF_ORDERS and event.who.customer_id]
    ids = sorted({event.who.customer_id for event in wanting if event.who.customer_id})
    ledgers: Mapping[int, Ledger] = snapshot.load(LEDGER, ids) if ids else {}
    found: dict[str, Event] = {}
    for event in wanting:
        ledger = ledgers.get(event.who.customer_id or 0)
        if ledger is not None and ledger.orders is not None:
            counters = counted(ledger.orders, ledger.shop(event.shop_id), AsOf(event.occurred_at))
            found[event.fact] = replace(event, properties={**event.properties, **_counters(event, counters)})
    return found


def _counters(event: Event, counters: dict[str, Json]) -> dict[str, Json]:
    if event.call == "identify":
        return counters | {"customerLifetimeValue": counters["lifetime_revenue_xcommerce"]}
    return counters
