"""The figures as the documentation shows them: between two markers, replaced as a whole."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "performance.md"
BEGIN = "<!-- figures: begin (python -m benchmarks --write) -->"
END = "<!-- figures: end -->"
_HEADER = ("", "what", "measured", "goal", "")


def rendered(figures: Sequence[Figure], machine: Sequence[str]) -> str:
    """The table, and under it what it was measured on."""
    rows = [_HEADER, ("---", "---", "---:", "---", "---"), *(figure.cells() for figure in figures)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join((table, "", *machine))


def with_figures(page: str, figures: str) -> str:
    """The page with its figures replaced; raises ValueError where the markers are not there, once and in order."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in after:
        raise ValueError(f"the page needs {BEGIN} and then {END}, once each")
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"
