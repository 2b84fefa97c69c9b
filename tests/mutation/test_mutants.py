"""The mutants differ from what they were made of, one change each."""

import ast

from tests.mutation.__main__ import mutants

SOURCE = """
@dataclass(frozen=True)
class Gap:
    pass

def is_dead(now, since, margin=5):
    return not since or (min(now, 7) > since + margin if now else False)
"""


def test_each_mutant_has_one_change() -> None:
    found = [text for _, text in mutants(SOURCE)]
    assert len(found) == len(set(found)) == 9
    assert ast.unparse(ast.parse(SOURCE)) not in found
    joined = "\n".join(found)
    for change in (
        "margin=6",
        "not not since",
        "max(now, 7)",
        "min(now, 8)",
        ">= since",
        "since - margin",
        "else True",
    ):
        assert change in joined
