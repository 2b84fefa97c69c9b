"""The audit's page: what it says, that it loads nothing, and how a real browser shows it."""

import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from poller.engine.audit.compare import Verdict
from poller.engine.audit.report import AuditReport, Cell, Difference
from poller.observe.audit_page import audit_page

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
PHONE, DESK = (390, 844), (1200, 1600)


def report(*, days: int = 40, is_clean: bool = False) -> AuditReport:
    """A period in which every tenth order is missing."""
    found = AuditReport(since=FIRST, until=FIRST + timedelta(days=days), shops={1: "Maison <Démo>"})
    for day in range(days):
        for order in range(10):
            at = FIRST + timedelta(days=day, hours=order)
            is_lost = order == 0 and not is_clean
            verdict = Verdict(
                name="Order Completed",
                fate="missing" if is_lost else "delivered",
                at=at,
                shop_minor=6_600 + day * 100,
                told_minor=None if is_lost else 6_600 + day * 100,
                occurred_at=None if is_lost else at,
                delivered_at=None if is_lost else at + timedelta(seconds=order),
            )
            found.sum_of(Cell(at.date(), 1, "EUR", verdict.name)).add(verdict, revenue_minor=5_000)
            found.delay(verdict)
            if is_lost:
                found.disagree(
                    Difference(
                        thing="order",
                        key=day * 10 + 1,
                        name=verdict.name,
                        fate=verdict.fate,
                        at=at,
                        shop_minor=verdict.shop_minor,
                        told_minor=None,
                        currency="EUR",
                        reason="",
                    )
                )
    found.delivered = {"Order Completed": days * 9, "identify": days * 12}
    found.excluded["customer erased"] = 3
    found.things["orders"] = days * 10
    return found


def test_it_says_whether_shop_and_segment_agree() -> None:
    assert '<p class="verdict clean">Shop and Segment agree.</p>' in audit_page(report(is_clean=True))
    assert '<p class="verdict differs">40 differences.</p>' in audit_page(report())
    assert '<p class="verdict differs">1 difference.</p>' in audit_page(report(days=1))


def test_every_day_of_the_period_has_its_bars_and_a_long_one_has_months() -> None:
    days = re.findall(r"<title>(\d\d \w+): shop ([\d,.]+), told ([\d,.]+)</title>", audit_page(report()))
    assert len(days) == 40
    assert days[0] == ("01 Mar", "660.00", "594.00")
    months = re.findall(r"<title>(\d{4}-\d\d): shop", audit_page(report(days=200)))
    assert months == [f"2024-{month:02}" for month in range(3, 10)]


def test_what_comes_from_the_shop_is_text_and_nothing_is_loaded() -> None:
    page = audit_page(report())
    assert "Maison &lt;Démo&gt;" in page
    assert "<Démo>" not in page
    assert not re.search(r"https?:|src=|@import|url\(|<script|<link", page)


def test_an_empty_period_is_a_page_too() -> None:
    page = audit_page(AuditReport(since=FIRST, until=FIRST, shops={}))
    assert "looked at nothing" in page
    assert "<svg" not in page
    assert 'class="row"' not in page


def test_a_day_of_refunds_alone_draws_no_chart() -> None:
    found = AuditReport(since=FIRST, until=FIRST, shops={1: "Shop"})
    refund = Verdict(name="Order Refunded", fate="delivered", at=FIRST, shop_minor=5, told_minor=5, occurred_at=FIRST)
    found.sum_of(Cell(date(2024, 3, 1), 1, "EUR", "Order Refunded")).add(refund)
    assert "Completed orders" not in audit_page(found)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: `make browser` installs it on Debian")
@pytest.mark.parametrize("window", [PHONE, DESK])
def test_a_browser_shows_it_whole_on_a_telephone_and_on_a_desk(window: tuple[int, int], tmp_path: Path) -> None:
    assert BROWSER
    page = tmp_path / "audit.html"
    # The browser itself measures what it drew; the script is the test's, not the page's.
    probe = (
        "<script>document.title = [document.documentElement.scrollWidth, innerWidth, "
        "[...document.querySelectorAll('svg, .row')].filter(s => s.getBoundingClientRect().height > 10).length, "
        "getComputedStyle(document.querySelector('.verdict')).color].join('|')</script>"
    )
    page.write_text(audit_page(report()) + probe, encoding="utf-8")
    size = f"--window-size={window[0]},{window[1]}"
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    dumped = subprocess.run(
        [BROWSER, *QUIET, profile, size, "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    measured = re.search(r"<title>([^<]*\|[^<]*)</title>", dumped.stdout)
    assert measured, dumped.stdout[:500]
    wide, inner, charts, colour = measured[1].split("|")
    assert int(wide) <= int(inner), "nothing sticks out: tables scroll by themselves"
    assert int(charts) == 1 + 8 + 2, "the days, the delays, the names"
    assert colour == "rgb(179, 38, 30)", "a difference is red"
    picture = tmp_path / "audit.png"
    subprocess.run(
        [BROWSER, *QUIET, profile, size, f"--screenshot={picture}", page.as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000, "it is not a blank sheet"
