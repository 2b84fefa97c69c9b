"""Every fault that docs/explanation/delivery.md speaks of, and every assumption, has a test that is there."""

import re

import pytest

from tests.house.pages import DOCS, Link, links, sections, table

PAGE = DOCS / "explanation" / "delivery.md"
NAMED = [link for link in links(PAGE) if link.file.suffix == ".py" and "tests" in link.file.parts and "`" in link.text]


@pytest.mark.parametrize("link", NAMED, ids=lambda link: link.text.strip("`"))
def test_a_test_that_the_page_names_exists(link: Link) -> None:
    if "/" in link.text or link.text.strip("`").endswith(".py"):
        return
    name = link.text.strip("`")
    assert re.search(rf"^\s*(def|class) {name}\b", link.file.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_fault_names_its_test() -> None:
    rows = table(sections(PAGE)["Proven under faults"])
    parts = [what for what, test in rows if not test]
    assert parts == [
        f"**{part}**"
        for part in (
            "Commit order",
            "Time",
            "PrestaShop's habits",
            "The poller's side",
            "The shop's database",
            "Segment",
            "Load",
        )
    ]
    assert all(test.startswith("[`") for _, test in rows if test)
    assert len(rows) > 60


def test_every_assumption_names_its_test() -> None:
    rows = table(sections(PAGE)["What it rests on"])
    assert len(rows) >= 14
    assert all(row[-1].startswith("[`") for row in rows)
