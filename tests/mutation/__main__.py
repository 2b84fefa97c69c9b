"""Change one thing in the pure modules, see whether the tests notice, and say which changes they did not.

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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
MODULES = (Path("poller/core"), Path("poller/streams"))
TESTS = ("tests/core", "tests/streams")
_WORDS = ("described.py", "__init__.py")
"""Modules that hold sentences for the catalogue, and nothing to change."""
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
    decorations = {id(part) for node in ast.walk(tree) for part in _decoration(node)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in decorations and _change(copy.deepcopy(node)):
            changed = copy.deepcopy(tree)
            target = next(other for place, other in enumerate(ast.walk(changed)) if place == number)
            _change(target)
            yield getattr(node, "lineno", 0), ast.unparse(changed)


def _decoration(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of decorators: whether a class is frozen or has slots is for mypy, no test can tell."""
    for decorator in getattr(node, "decorator_list", ()):
        yield from ast.walk(decorator)


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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in which module, in which line, and the whole source with it."""

    module: Path
    line: int
    text: str


def main() -> int:
    """Try the mutants of modules, all or a sample of them; prints the survivors and the share that was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", type=Path, help="files or directories (default: poller/core poller/streams)"
    )
    parser.add_argument("--tests", nargs="+", default=list(TESTS))
    parser.add_argument("--sample", type=int, help="so many, chosen by chance, instead of all")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    found = [
        Mutant(module, line, text)
        for module in _modules(chosen.modules or MODULES)
        for line, text in mutants((ROOT / module).read_text(encoding="utf-8"))
    ]
    dice = Random(chosen.seed)  # noqa: S311 (a sample, no secret)
    tried = dice.sample(found, min(chosen.sample or len(found), len(found)))
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        for part in COPIED:
            copied = ROOT / part
            (shutil.copytree if copied.is_dir() else shutil.copy2)(copied, tree / part)
        if _fails(tree, chosen.tests):
            print("The tests fail without any change.")
            return 2
        survived = sum(not _is_noticed(tree, mutant, chosen.tests) for mutant in tried)
    share = (len(tried) - survived) / max(len(tried), 1)
    print(f"{len(tried) - survived} of {len(tried)} mutants noticed ({share:.1%}), of {len(found)} there are")
    return 0


def _modules(chosen: Sequence[Path]) -> Iterator[Path]:
    for path in chosen:
        inside = sorted((ROOT / path).rglob("*.py")) if (ROOT / path).is_dir() else [ROOT / path]
        yield from (module.relative_to(ROOT) for module in inside if not module.name.endswith(_WORDS))


def _is_noticed(tree: Path, mutant: Mutant, tests: list[str]) -> bool:
    """Whether the tests notice; leaves the tree as it was."""
    source = (ROOT / mutant.module).read_text(encoding="utf-8")
    (tree / mutant.module).write_text(mutant.text, encoding="utf-8")
    is_noticed = _fails(tree, tests)
    (tree / mutant.module).write_text(source, encoding="utf-8")
    if not is_noticed:
        print(f"{mutant.module}:{mutant.line}: not noticed: {_difference(source, mutant.text)}", flush=True)
    return is_noticed


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
