"""`poller status`: how the poller stands, whether it runs or not."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from poller.cli.door import AsJson, desk
from poller.cli.output import ago, print_fields, print_json, print_table
from poller.core.blocks import BLOCK_KEYS

if TYPE_CHECKING:
    from poller.engine.status import Status
    from poller.ports import Delivery


def command(
    context: typer.Context,
    fail_if_lag: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Exit 1 if the lag is longer, or something stopped."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was read, what waits, and what is in the way.

    Works while the daemon runs and when it is down. With --fail-if-lag it is a check for monitoring.
    """
    from poller.engine.status import complaint

    status = desk(context).status()
    now = datetime.now(UTC)
    if as_json:
        print_json(status.as_dict())
    else:
        _print(status, now)
    if fail_if_lag is not None and (text := complaint(status, fail_if_lag)):
        typer.echo(f"error: {text}", err=True)
        raise typer.Exit(1)


def _print(status: "Status", now: datetime) -> None:
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
            ("feed", "read up to", "behind", "missing ids", "stopped"),
            [(feed.name, feed.seen, seconds(feed.lag_seconds), feed.gaps or "", feed.stopped) for feed in status.feeds],
        )
    if rows := list(messages(status)):
        print_table(("messages", "outcome", "last hour", "last day", "ever"), rows)
    if status.work.jobs:
        print_table(
            ("job", "last", "next", "failures in a row"),
            [
                (name, f"{ago(job.last_at, now)} ago", job.next_at, job.failures or "")
                for name, job in status.work.jobs.items()
            ],
        )
    if status.work.troubles:
        print_table(
            ("last trouble", "times", "with", "what", "what to do"),
            [
                (f"{ago(trouble.last_at, now)} ago", trouble.times, trouble.job, trouble.error, trouble.hint)
                for trouble in status.work.troubles
            ],
        )


def messages(status: "Status") -> Iterator[Sequence[object]]:
    """What became of messages, by outcome and name."""
    for outcome, names in status.ever.items():
        for name, ever in names.items():
            hour, day = (span.get(outcome, {}).get(name, 0) for span in (status.last_hour, status.last_day))
            yield name, outcome, hour, day, ever


def summary(status: "Status", now: datetime) -> Mapping[str, object]:
    """What fits on a page, in the order in which an operator asks."""
    oldest = f", the oldest for {ago(status.oldest_at, now)}" if status.oldest_at else ""
    found = status.work.found_by_sweep
    return {
        "running": status.holder or "no",
        "lag": seconds(status.lag_seconds) or "unknown: there was no whole poll yet",
        "delivery": standing(status.delivery, now),
        "waiting to be sent": f"{status.pending}{oldest}",
        "of which": status.by_lane if len(status.by_lane) > 1 else "",
        "dead letters": f"{status.buried} (poller dead-letters list)" if status.buried else 0,
        "delivered": status.delivered,
        "found by the sweep alone": found if any(found.values()) else "",
        "the walk over everything": _walk(status),
        "orders still being written": status.waiting_orders or "",
        "newest order": _newest(status, now),
        "customers left out": len(status.suppressed) or "",
        "database": _load(status),
        "read less often, to keep the load budget": {
            name: f"every {pause:.0f} s" for name, pause in status.slowed.items()
        },
        "sends facts since": status.start_from or "the first start, which is to come",
        "namespace": status.namespace,
        "state store": f"{status.state_bytes / 1_000_000:.1f} MB",
    }


def seconds(lag: float | None) -> str:
    """A lag for people."""
    return "" if lag is None else ago(datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(lag, UTC))


def _newest(status: "Status", now: datetime) -> str:
    if status.work.newest_order_at is None:
        return ""
    text = f"{ago(status.work.newest_order_at, now)} ago"
    return f"{text}: unusually long for this shop" if status.work.is_unusually_quiet else text


def _walk(status: "Status") -> str:
    """How often the walk was over everything, what a pass takes, and where it is."""
    walk = status.walk
    if not walk.walked_at:
        return ""
    place = f"now at {walk.thing} {walk.block * BLOCK_KEYS:,}"
    if not walk.passes:
        return f"in its first pass, {place}"
    cost = f"{seconds(walk.last_pass_seconds)}, {walk.last_pass_database_seconds:.1f} s of it the database's work"
    return f"{walk.passes} passes, the last in {cost}; {place}"


def _load(status: "Status") -> str:
    load = status.work.database
    return f"{load.seconds:.1f} s of work in the last hour, {load.share:.2%} of a core" if load else ""


def standing(delivery: "Delivery", now: datetime) -> str:
    """How delivery to a source stands, in a sentence."""
    if delivery.stopped:
        return f"stopped since {ago(delivery.since, now)}: {delivery.reason}"
    if delivery.not_before is not None:
        return f"put off ({delivery.attempts} tries in {ago(delivery.since, now)}): {delivery.reason}"
    return "in order"
