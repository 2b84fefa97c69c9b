"""An audit as one page of HTML: charts drawn in SVG, nothing loaded from anywhere, readable on a telephone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from itertools import groupby
from typing import TypeAlias

from poller.engine.audit.report import DELAYS, LONGER, AuditReport, Difference

_WIDTH, _HEIGHT, _LEFT, _HEAD, _FOOT = 720, 260, 92, 24, 32
_MOST_DAYS = 92
"""A longer period is drawn by months."""
_SHOWN = 200
_COMPLETED = "Order Completed"

_Row: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""A table's row: its texts, then its numbers."""

_STYLE = """
:root { --ink: #1c2126; --soft: #5b6570; --line: #d9dee3; --shop: #9db8d2; --told: #1f5f99 }
:root { --bad: #b3261e; --good: #1b7a3d }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); margin: 0 auto; padding: 1rem; max-width: 58rem; }
h1 { font-size: 1.4rem; margin: .5rem 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p, figcaption, small { color: var(--soft) } figure { margin: 0 }
svg { width: 100%; height: auto; display: block } svg text { font: 13px system-ui, sans-serif; fill: var(--soft) }
@media (max-width: 36rem) { svg text { font-size: 24px } }
.row { display: flex; align-items: center; gap: .5rem; margin: .15rem 0; font-size: .9rem }
.row span { flex: 0 0 9rem; text-align: right; color: var(--soft) } .row b { height: 1.1rem; background: var(--told) }
.verdict { font-size: 1.2rem; font-weight: 600 } .clean { color: var(--good) } .differs { color: var(--bad) }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebee; --soft: #a4adb6; --line: #333b43; --shop: #4a6782; --told: #7db4e6 }
  :root { --bad: #ff8a80; --good: #7ddc9a }
  body { background: #14181c }
}
"""


def audit_page(report: AuditReport) -> str:
    """The page, whole."""
    parts = [_head(report), *_revenue(report), _delays(report), _names(report), _months(report), _rest(report)]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Audit: shop and Segment</title>\n<style>{_STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(report: AuditReport) -> str:
    count = report.difference_count
    kind = "clean" if report.is_clean else "differs"
    verdict = "Shop and Segment agree." if report.is_clean else f"{count:,} difference{'s' if count > 1 else ''}."
    looked = ", ".join(f"{number:,} {what}" for what, number in report.things.items()) or "nothing"
    period = f"{report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
    return f'<h1>Audit</h1>\n<p class="verdict {kind}">{verdict}</p>\n<p>{period}; looked at {looked}.</p>'


# ---------------------------------------------------------------- revenue by day


def _revenue(report: AuditReport) -> Iterable[str]:
    """One chart a currency: what the shop's completed orders come to, and what was told of them."""
    by_currency: dict[str, dict[date, list[int]]] = {}
    for cell, found in report.sums.items():
        if cell.name == _COMPLETED:
            day = by_currency.setdefault(cell.currency, {}).setdefault(cell.day, [0, 0])
            day[0] += found.shop_minor
            day[1] += found.told_minor
    for currency, days in sorted(by_currency.items()):
        columns, unit = _columns(days)
        title = f"<h2>Completed orders, {escape(currency or '?')}</h2>"
        caption = f"<figcaption>Pale: the shop's orders. Dark: what was told of them. By {unit}.</figcaption>"
        yield f"{title}\n<figure>{_bars(columns)}{caption}</figure>"


def _columns(days: Mapping[date, Sequence[int]]) -> tuple[list[tuple[str, int, int]], str]:
    """Every day from the first to the last, or every month that has any."""
    first, last = min(days), max(days)
    length = (last - first).days + 1
    if length <= _MOST_DAYS:
        every = (first + timedelta(days=number) for number in range(length))
        return [(f"{day:%d %b}", *_pair(days.get(day, (0, 0)))) for day in every], "day"
    months = groupby(sorted(days), key=lambda day: f"{day:%Y-%m}")
    summed = ((name, [days[day] for day in group]) for name, group in months)
    return [(name, sum(shop for shop, _ in some), sum(told for _, told in some)) for name, some in summed], "month"


def _pair(values: Sequence[int]) -> tuple[int, int]:
    return values[0], values[1]


def _bars(columns: Sequence[tuple[str, int, int]]) -> str:
    top = max((max(shop, told) for _, shop, told in columns), default=0) or 1
    step = (_WIDTH - _LEFT) / len(columns)
    floor = _HEIGHT - _FOOT
    drawn = [_grid(top, floor)]
    labelled = max(len(columns) // 5, 1)
    for number, (label, shop, told) in enumerate(columns):
        x = _LEFT + number * step
        title = f"<title>{label}: shop {shop / 100:,.2f}, told {told / 100:,.2f}</title>"
        drawn.append(
            f"<g>{title}{_bar(x + step * 0.1, step * 0.8, shop / top * (floor - _HEAD), floor, 'var(--shop)')}"
            f"{_bar(x + step * 0.3, step * 0.4, told / top * (floor - _HEAD), floor, 'var(--told)')}</g>"
        )
        if number % labelled == 0:
            drawn.append(f'<text x="{x + step / 2:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(label)}</text>')
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{"".join(drawn)}</svg>'


def _grid(top: int, floor: int) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = floor - share * (floor - _HEAD)
        lines.append(f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * share / 100:,.0f}</text>')
    return "".join(lines)


def _bar(x: float, width: float, height: float, floor: int, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{floor - height:.1f}" width="{width:.1f}" height="{max(height, 0):.1f}" fill="{fill}"/>'
    )


# ---------------------------------------------------------------- delays and names


def _delays(report: AuditReport) -> str:
    counted = [(f"up to {label}", report.delays[label]) for label, _ in DELAYS]
    counted.append((LONGER, report.delays[LONGER]))
    if not sum(report.delays.values()):
        return ""
    note = "From the shop's own date, which has whole seconds, to Segment's acceptance. A backfill's facts are old."
    return f"<h2>How long it took</h2>\n<figure>{_rows(counted)}<figcaption>{note}</figcaption></figure>"


def _names(report: AuditReport) -> str:
    counted = sorted(report.delivered.items(), key=lambda entry: (-entry[1], entry[0]))
    return f"<h2>Delivered, by event</h2>\n<figure>{_rows(counted)}</figure>" if counted else ""


def _rows(counted: Sequence[tuple[str, int]]) -> str:
    """A bar a row, in plain boxes: drawings would shrink on a telephone, and their words with them."""
    top = max(count for _, count in counted) or 1
    rows = (
        f'<div class="row"><span>{escape(label)}</span><b style="width:{count / top * 50:.1f}%"></b>{count:,}</div>'
        for label, count in counted
    )
    return "\n".join(rows)


# ---------------------------------------------------------------- tables


def _months(report: AuditReport) -> str:
    rows: list[_Row] = []
    for cell, found in sorted(report.by_month().items()):
        gap = found.told_minor - found.shop_minor
        values = (found.facts, found.shop_minor / 100, found.told, found.told_minor / 100, gap / 100)
        numbers = (f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" for value in values)
        shop = report.shops.get(cell.shop_id, "")
        rows.append(((f"{cell.day:%Y-%m}", shop, cell.name, cell.currency), tuple(numbers)))
    heads = (("month", "shop", "event", "currency"), ("in the shop", "total", "told", "total told", "difference"))
    return f"<h2>By month</h2>\n{_table(heads, rows)}" if rows else ""


def _rest(report: AuditReport) -> str:
    parts = []
    for title, counted in (
        ("Left out, and by which rule", report.excluded),
        ("Under way", report.under_way),
        ("Remarks", report.remarks),
    ):
        rows: list[_Row] = [((reason,), (f"{count:,}",)) for reason, count in counted.most_common()]
        if rows:
            parts.append(f"<h2>{title}</h2>\n{_table((('rule',), ('facts',)), rows)}")
    if report.differences:
        rows = [_difference(difference) for difference in report.differences[:_SHOWN]]
        heads = (("thing", "event", "when (UTC)", "what"), ("in the shop", "told"))
        parts.append(f"<h2>Differences</h2>\n{_table(heads, rows)}")
        if report.difference_count > _SHOWN:
            parts.append(f"<p>The first {_SHOWN} of {report.difference_count:,}.</p>")
    return "\n".join(parts)


def _difference(found: Difference) -> _Row:
    amounts = ("" if minor is None else f"{minor / 100:,.2f}" for minor in (found.shop_minor, found.told_minor))
    what = f"{found.fate}: {found.reason}" if found.reason else found.fate
    return (f"{found.thing} {found.key}", found.name, f"{found.at:%Y-%m-%d %H:%M:%S}", what), tuple(amounts)


def _table(heads: _Row, rows: Sequence[_Row]) -> str:
    """Texts to the left, numbers to the right."""

    def line(tag: str, row: _Row) -> str:
        texts, numbers = row
        cells = [f"<{tag}>{escape(text)}</{tag}>" for text in texts]
        cells += [f'<{tag} class="n">{escape(number)}</{tag}>' for number in numbers]
        return f"<tr>{''.join(cells)}</tr>"

    body = "\n".join(line("td", row) for row in rows)
    return f'<div class="scroll"><table>\n{line("th", heads)}\n{body}\n</table></div>'
