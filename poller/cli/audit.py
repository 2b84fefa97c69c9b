"""`poller audit`: does what Segment got agree with the shop?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from poller.cli.backfill import check_period, moment
from poller.cli.door import AsJson, accounts
from poller.cli.output import print_fields, print_json, print_table

if TYPE_CHECKING:
    from poller.engine.audit.report import AuditReport, Cell, Difference, Sum

FOUND = 1
SHOWN = 50


def command(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Facts from then on; without it, all that was ever owed.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Before then; without it, before now.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as one page with charts, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the shop with what was delivered.

    Orders, refunds and customers; exits 1 if they differ. It reads the shop by rules of its own, not by those that make
    the events. What was left out is counted, with the rule that left it out; what differs is listed with its id.
    """
    start = moment(since, "--since") if since is not None else None
    end = moment(until, "--until") if until is not None else None
    if start is not None:
        check_period(start, end, now=datetime.now(UTC), zone=None)
    report = accounts(context).audit(start, end)
    if html is not None:
        _write(report, html)
    if as_json:
        print_json(report.as_dict())
    else:
        _show(report)
    if not report.is_clean:
        raise typer.Exit(FOUND)


def _write(report: "AuditReport", file: Path) -> None:
    from poller.observe.audit_page import audit_page

    try:
        file.write_text(audit_page(report), encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot be written: {error.strerror or error}", param_hint="--html") from error


def _show(report: "AuditReport") -> None:
    months = sorted(report.by_month().items())
    if months:
        columns = ("month", "shop", "event", "in the shop", "total", "told", "total told", "difference", "else")
        print_table(columns, [_row(cell, found, report) for cell, found in months])
    print_fields(
        {
            "period": f"{report.since:%Y-%m-%d %H:%M:%SZ} to {report.until:%Y-%m-%d %H:%M:%SZ}",
            "looked at": dict(report.things),
            "left out": dict(report.excluded),
            "under way": dict(report.under_way),
            "remarks": dict(report.remarks),
            "differences": report.difference_count,
        }
    )
    if report.differences:
        print_table(
            ("thing", "event", "when", "in the shop", "told", "difference"),
            [_difference(difference) for difference in report.differences[:SHOWN]],
        )
    if report.difference_count > SHOWN:
        typer.echo(f"… and {report.difference_count - SHOWN} more: see --json")


def _row(cell: "Cell", found: "Sum", report: "AuditReport") -> tuple[object, ...]:
    total, told = amount(found.shop_minor, cell.currency), amount(found.told_minor, cell.currency)
    rest = {fate: count for fate, count in sorted(found.fates.items()) if fate != "delivered"}
    gap = found.told_minor - found.shop_minor
    shop = report.shops.get(cell.shop_id, "")
    month = f"{cell.day:%Y-%m}"
    return (
        month,
        shop,
        cell.name,
        found.facts,
        total,
        found.told,
        told,
        amount(gap, cell.currency) if gap else "",
        rest,
    )


def _difference(difference: "Difference") -> tuple[object, ...]:
    shop = "" if difference.shop_minor is None else amount(difference.shop_minor, difference.currency)
    told = "" if difference.told_minor is None else amount(difference.told_minor, difference.currency)
    why = f"{difference.fate}: {difference.reason}" if difference.reason else difference.fate
    return f"{difference.thing} {difference.key}", difference.name, difference.at, shop, told, why


def amount(minor: int, currency: str) -> str:
    """Hundredths as people write them; events without money have none."""
    return f"{minor / 100:,.2f} {currency}" if currency else ""
