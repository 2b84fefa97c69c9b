"""That the benchmarks run and say what the documentation shows; how fast anything was is not asserted."""

import re

import pytest

from benchmarks import page
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
    shown = text.partition(page.BEGIN)[2].partition(page.END)[0]
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


def test_figures_replace_what_stood_between_the_markers_and_nothing_else() -> None:
    before = f"# Title\n\n{page.BEGIN}\nold\n{page.END}\n\nAfter.\n"
    assert page.with_figures(before, "new") == f"# Title\n\n{page.BEGIN}\n\nnew\n\n{page.END}\n\nAfter.\n"


@pytest.mark.parametrize("text", ["", page.BEGIN, page.END + page.BEGIN, page.BEGIN + page.END + page.BEGIN])
def test_a_page_without_its_markers_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="figures"):
        page.with_figures(text, "new")
