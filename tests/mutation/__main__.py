"""Change one thing in a pure module, see whether its tests notice, and say which changes they did not: `make mutants`.

mutmut replaces functions by its own while the tests run, which hypothesis' state machines do not survive; so each
mutant here is a copy of the tree with one changed line, and a fresh pytest.
"""

import argparse
import ast
import copy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("poller", "tests", "sql", "pyproject.toml", "config.yaml")
_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


def mutants(source: str) -> Iterator[tuple[int, str]]:
    """Every source with one change, and the line it is in."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        if _change(copy.deepcopy(node)):
            changed = copy.deepcopy(tree)
            target = next(other for place, other in enumerate(ast.walk(changed)) if place == number)
            _change(target)
            yield getattr(node, "lineno", 0), ast.unparse(changed)


def _change(node: ast.AST) -> bool:
    """Change a node in place; False for one that is left as it is."""
    match node:
        case ast.Compare(ops=[operator, *_]) if type(operator) in _COMPARE:
            node.ops[0] = _COMPARE[type(operator)]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            node.op = _ARITHMETIC[type(node.op)]()
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1
        case ast.UnaryOp(op=ast.Not()):
            node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case ast.Call(func=ast.Name(id="min" | "max" as name)) if isinstance(node.func, ast.Name):
            node.func.id = "max" if name == "min" else "min"
        case _:
            return False
    return True


def main() -> int:
    """Try every mutant of a module; prints the survivors and the share that was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("module", type=Path)
    parser.add_argument("tests", nargs="+")
    chosen = parser.parse_args()
    source = (ROOT / chosen.module).read_text(encoding="utf-8")
    tried = survived = 0
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        for part in COPIED:
            copied = ROOT / part
            (shutil.copytree if copied.is_dir() else shutil.copy2)(copied, tree / part)
        for line, text in [(0, ast.unparse(ast.parse(source))), *mutants(source)]:
            (tree / chosen.module).write_text(text, encoding="utf-8")
            is_noticed = _fails(tree, chosen.tests)
            if line == 0:
                if is_noticed:
                    print("The tests fail without any change.")
                    return 2
                continue
            tried += 1
            if not is_noticed:
                survived += 1
                print(f"{chosen.module}:{line}: not noticed: {_difference(source, text)}", flush=True)
    print(f"{chosen.module}: {tried - survived} of {tried} mutants noticed ({(tried - survived) / max(tried, 1):.0%})")
    return 0


def _fails(tree: Path, tests: list[str]) -> bool:
    """Whether the tests notice; one that never ends was noticed too."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(command, cwd=tree, capture_output=True, timeout=300, check=False).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def _difference(source: str, text: str) -> str:
    """The changed line, as it became."""
    before = ast.unparse(ast.parse(source)).splitlines()
    return " / ".join(new.strip() for old, new in zip(before, text.splitlines(), strict=False) if old != new)[:160]


if __name__ == "__main__":
    sys.exit(main())
