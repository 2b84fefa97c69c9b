"""The documentation as files: which there are, what their headings are called, and the blocks that are generated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

_BLOCK = re.compile(r"(<!-- generated: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as written in a page; `target` may be relative, with or without an anchor."""

    page: Path
    text: str
    target: str

    @property
    def is_outside(self) -> bool:
        return "://" in self.target or self.target.startswith("mailto:")

    @property
    def file(self) -> Path:
        path = self.target.partition("#")[0]
        return (self.page.parent / path).resolve() if path else self.page

    @property
    def anchor(self) -> str:
        return self.target.partition("#")[2]


def pages() -> list[Path]:
    """Every page a person reads."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "sql").rglob("*.md")])


def prose(page: Path) -> str:
    """A page without its code blocks and comments."""
    return _COMMENT.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))


def links(page: Path) -> Iterator[Link]:
    for match in _LINK.finditer(prose(page)):
        yield Link(page, match["text"], match["target"])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for line in prose(page).splitlines():
        if line.startswith("#"):
            title = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", line.lstrip("#").strip())
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            found.add(slug if slug not in found else f"{slug}-1")
    return found


def sections(page: Path) -> dict[str, str]:
    """The text below each heading, up to the next one of any depth."""
    found: dict[str, str] = {}
    title = ""
    for line in prose(page).splitlines(keepends=True):
        if line.startswith("#"):
            title = line.lstrip("#").strip()
        else:
            found[title] = found.get(title, "") + line
    return found


def table(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without heads and rules; cells are stripped."""
    rows: list[list[str]] = []
    is_body = False
    for line in text.splitlines():
        if not line.startswith("|"):
            is_body = False
        elif re.fullmatch(r"[|:\- ]+", line):
            is_body = True
        elif is_body:
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
    return rows


def code(text: str) -> list[str]:
    """What stands between backticks, in order."""
    return _CODE.findall(text)


def blocks(text: str) -> list[str]:
    """The names of a page's generated blocks."""
    return [match["name"] for match in _BLOCK.finditer(text)]


def filled(text: str, name: str, body: str) -> str:
    """A page with that block replaced."""
    return _BLOCK.sub(lambda m: f"{m[1]}{body}\n{m[3]}" if m["name"] == name else m[0], text)
