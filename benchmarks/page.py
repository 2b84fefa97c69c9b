"""The figures as the documentation shows them: between two markers, replaced as a whole."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "performance.md"
FIGURES = "<!-- figures: begin (python -m benchmarks --write) -->", "<!-- figures: end -->"
PROFILE = "<!-- profile: begin (python -m benchmarks.spent --write) -->", "<!-- profile: end -->"
PEERS = "<!-- peers: begin (python -m benchmarks.peers --write) -->", "<!-- peers: end -->"
"""Between which two marks each of the tables stands."""
_HEADER = ("", "what", "measured", "goal", "")


def rendered(figures: Sequence[Figure], machine: Sequence[str]) -> str:
    """The table, and under it what it was measured on."""
    rows = [_HEADER, ("---", "---", "---:", "---", "---"), *(figure.cells() for figure in figures)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join((table, "", *machine))


def with_figures(page: str, figures: str, *, marks: tuple[str, str] = FIGURES) -> str:
    """The page with its figures replaced; raises ValueError where the markers are not there, once and in order."""
    first, last = marks
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end or first in after or last in after:
        raise ValueError(f"the page needs {first} and then {last}, once each")
    return f"{before}{first}\n\n{figures}\n\n{last}{after}"
