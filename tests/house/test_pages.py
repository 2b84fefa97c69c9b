"""Links lead somewhere, and what README promises has its test."""

import re
from pathlib import Path

import pytest

from tests.house.pages import DOCS, ROOT, Link, anchors, links, pages

LINKS = [link for page in pages() for link in links(page)]
# Written once something was measured.
TO_COME = {DOCS / "explanation" / "performance.md"}


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.page.stem}:{link.target}")
def test_a_link_leads_to_something(link: Link) -> None:
    if link.is_outside:
        assert link.target.startswith("https://")
        return
    assert link.file.exists() or link.file in TO_COME
    assert link.file.is_relative_to(ROOT)
    if link.anchor:
        assert link.anchor in anchors(link.file)


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    following = [ROOT / "README.md"]
    while following:
        page = following.pop()
        if page in reached:
            continue
        reached.add(page)
        following += [link.file for link in links(page) if link.file.suffix == ".md" and link.file.exists()]
    assert set(DOCS.rglob("*.md")) - {DOCS / "README.md"} <= reached


PROMISED = [link for link in links(ROOT / "README.md") if "`test_" in link.text]


@pytest.mark.parametrize("link", PROMISED, ids=lambda link: link.text.strip("`"))
def test_a_test_named_in_the_readme_exists(link: Link) -> None:
    name = link.text.strip("`")
    assert re.search(rf"^\s*def {name}\(", link.file.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_promise_names_a_test() -> None:
    rows = [
        line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| **Nothing")
    ]
    assert [re.findall(r"\*\*(.+?)\*\*", row)[0] for row in rows] == [
        f"Nothing {word}" for word in ("lost", "twice", "half", "hurt", "hidden")
    ]
    assert all("`test_" in row for row in rows)
