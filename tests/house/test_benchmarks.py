"""That the benchmarks run and say what the documentation shows; how fast anything was is not asserted."""

import re

import pytest

from benchmarks import page, sampling, spent
from benchmarks.__main__ import Sizes, measure
from benchmarks.figures import Figure, Verdict
from benchmarks.place import Place

TINY = Sizes(orders=600, told=100, idle_seconds=1.0, busy_seconds=2.0, orders_a_second=3.0)


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    with Place(TINY.orders) as place:
        return list(measure(place, TINY))


def value(figures: list[Figure], topic: str, what: str) -> float:
    return next(figure.value for figure in figures if (figure.topic, figure.what) == (topic, what))


def test_a_tiny_run_counts_what_was_done(figures: list[Figure]) -> None:
    assert value(figures, "delay", "orders placed") == 6
    assert value(figures, "hot sweep", "newest orders looked at") == 600
    assert value(figures, "backfill", "orders told") == 100
    assert value(figures, "backfill", "messages acknowledged") > 200


def test_an_idle_poll_reads_a_row_or_two_of_each_feed(figures: list[Figure]) -> None:
    assert value(figures, "idle", "rows the server reads for a poll") < 100


def test_the_page_shows_every_figure_and_no_other(figures: list[Figure]) -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    begin, end = page.FIGURES
    shown = text.partition(begin)[2].partition(end)[0]
    rows = re.findall(r"^\| ([a-z ]+) \| (.+?) \| [\d.,]+ ?\S* \| (.*?) \|", shown, flags=re.MULTILINE)
    assert rows == [(figure.topic, figure.what, figure.goal) for figure in figures]


@pytest.mark.parametrize(
    ("figure", "verdict", "goal"),
    [
        (Figure(topic="t", what="w", value=9), "", ""),
        (Figure(topic="t", what="w", value=9, most=9, unit="s"), "met", "at most 9 s"),
        (Figure(topic="t", what="w", value=9.1, most=9, unit="s"), "missed", "at most 9 s"),
        (Figure(topic="t", what="w", value=1_000, least=1_000), "met", "at least 1,000"),
        (Figure(topic="t", what="w", value=999, least=1_000), "missed", "at least 1,000"),
    ],
)
def test_a_figure_is_held_against_its_goal(figure: Figure, verdict: Verdict, goal: str) -> None:
    assert (figure.verdict, figure.goal) == (verdict, goal)


@pytest.mark.parametrize("marks", [page.FIGURES, page.PROFILE])
def test_figures_replace_what_stood_between_the_marks_and_nothing_else(marks: tuple[str, str]) -> None:
    begin, end = marks
    before = f"# Title\n\n{begin}\nold\n{end}\n\nAfter.\n"
    after = page.with_figures(before, "new", marks=marks)
    assert after == f"# Title\n\n{begin}\n\nnew\n\n{end}\n\nAfter.\n"


@pytest.mark.parametrize("text", ["", "{0}", "{1}{0}", "{0}{1}{0}"])
def test_a_page_without_its_marks_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="figures"):
        page.with_figures(text.format(*page.FIGURES), "new")


@pytest.mark.parametrize(
    ("files", "part"),
    [
        (["/core/money.py", "/shop/people.py", "/engine/pages.py", "/app.py"], "read"),
        (["/state/outbox.py", "/engine/deliver.py", "/app.py"], "state"),
        (["/segment/verdict.py", "/segment/post.py", "/engine/deliver.py"], "post"),
        (["/segment/quick.py", "/segment/compose.py", "/engine/pages.py"], "compose"),
        (["/core/money.py", "/streams/orders/derive.py", "/engine/pages.py"], "derive"),
        (["/engine/pages.py", "/engine/backfill.py", "/app.py", "/cli/main.py"], "engine"),
        (["/cli/backfill.py", "/cli/main.py"], "start"),
        ([], "start"),
    ],
)
def test_a_stack_is_at_work_for_the_part_that_called_for_the_rest(files: list[str], part: str) -> None:
    assert sampling.part_of(files) == part


def test_the_profile_accounts_for_all_of_a_run() -> None:
    with Place(300) as place:
        profile = spent.take(place, 200)
    assert profile.messages > 400
    assert set(profile.parts) <= {row[0] for row in profile.rows()}
    assert sum(profile.functions.values()) == sum(profile.parts.values()) - profile.parts[sampling.START]
    *parts, whole = profile.rows()
    assert sum(int(row[3]) for row in parts) == pytest.approx(int(whole[3]), abs=len(parts))


def test_the_page_shows_every_part_of_a_profile() -> None:
    begin, end = page.PROFILE
    shown = page.PAGE.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    parts = re.findall(r"^\| ([a-z ]+) \| .* \| \d+% \| \d+ \|$", shown, flags=re.MULTILINE)
    assert parts == [row[0] for row in spent.Profile({"read": 1}, {}, messages=1, cpu_seconds=1.0).rows()]
