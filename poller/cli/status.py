"""`poller status`: how the poller stands, whether it runs or not."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from poller.cli.door import AsJson, desk
from poller.cli.output import ago, print_fields, print_json, print_table

if TYPE_CHECKING:
    from poller.engine.status import Status
    from poller.ports import Delivery


def command(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what was read, what waits, and what is in the way."""
    status = desk(context).status()
    if as_json:
        print_json(status.as_dict())
        return
    now = datetime.now(UTC)
    print_fields(summary(status, now))
    if len(status.sources) > 1:
        print_table(
            ("source", "shops", "waiting", "delivery"),
            [
                (one.name, ", ".join(map(str, one.shops)) or "all others", one.pending, standing(one.delivery, now))
                for one in status.sources
            ],
        )
    if status.feeds:
        print_table(
            ("feed", "read up to", "missing ids", "stopped"),
            [(feed.name, feed.seen, feed.gaps or "", feed.stopped) for feed in status.feeds],
        )


def summary(status: "Status", now: datetime) -> Mapping[str, object]:
    """What fits on a page, in the order in which an operator asks."""
    oldest = f", the oldest for {ago(status.oldest_at, now)}" if status.oldest_at else ""
    return {
        "running": status.holder or "no",
        "delivery": standing(status.delivery, now),
        "waiting to be sent": f"{status.pending}{oldest}",
        "of which": status.by_lane if len(status.by_lane) > 1 else "",
        "dead letters": f"{status.buried} (poller dead-letters list)" if status.buried else 0,
        "delivered": status.delivered,
        "orders still being written": status.waiting_orders or "",
        "customers left out": len(status.suppressed) or "",
        "sends facts since": status.start_from or "the first start, which is to come",
        "namespace": status.namespace,
        "state store": f"{status.state_bytes / 1_000_000:.1f} MB",
    }


def standing(delivery: "Delivery", now: datetime) -> str:
    """How delivery to a source stands, in a sentence."""
    if delivery.stopped:
        return f"stopped since {ago(delivery.since, now)}: {delivery.reason}"
    if delivery.not_before is not None:
        return f"put off ({delivery.attempts} tries in {ago(delivery.since, now)}): {delivery.reason}"
    return "in order"
