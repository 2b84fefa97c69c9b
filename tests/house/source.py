"""The program's own source as data: which log events it can write."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.pages import ROOT

PROGRAM = ROOT / "poller"
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_LOGGERS = {"log", "logger"}


def log_events() -> set[str]:
    """Every event name that is logged; fails on a name that cannot be read from the source."""
    found: set[str] = set()
    for file in sorted(PROGRAM.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        jobs = list(_jobs(tree))
        for name in _names(tree):
            texts = list(_texts(name, jobs))
            assert texts, f"{file.relative_to(ROOT)}:{name.lineno}: name a log event by a literal"
            found.update(texts)
    return found


def _jobs(tree: ast.AST) -> Iterator[str]:
    """The names of the daemon's jobs, which begin the names of their events."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_Job":
            assert isinstance(node.args[0], ast.Constant)
            yield str(node.args[0].value)


def _names(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that name events: of calls on a logger, of `tell`, and of what is handed on as `event=`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from _in_function(node)
        elif isinstance(node, ast.Call):
            yield from (
                keyword.value for keyword in node.keywords if keyword.arg == "event" and _is_name(keyword.value)
            )


def _in_function(function: ast.FunctionDef) -> Iterator[ast.expr]:
    parameters = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not node.args or not _is_logging(node.func):
            continue
        name = node.args[0]
        if not (isinstance(name, ast.Name) and name.id in parameters):
            yield name


def _is_logging(function: ast.expr) -> bool:
    match function:
        case ast.Name(id="tell"):
            return True
        case ast.Attribute(value=ast.Name(id=logger), attr=level):
            return logger in _LOGGERS and level in _LEVELS
        case ast.Attribute(value=ast.Call(func=ast.Attribute(attr="getLogger")), attr=level):
            return level in _LEVELS
        case _:
            return False


def _is_name(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr | ast.Constant)


def _texts(name: ast.expr, jobs: list[str]) -> Iterator[str]:
    match name:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, jobs)
            yield from _texts(orelse, jobs)
        case ast.JoinedStr(values=[ast.FormattedValue(value=value), ast.Constant(value=str(rest))]):
            if ast.unparse(value) == "job.name":
                yield from (f"{job}{rest}" for job in jobs)


def long_files(most: int) -> list[tuple[Path, int]]:
    files = ((file, len(file.read_text(encoding="utf-8").splitlines())) for file in PROGRAM.rglob("*.py"))
    return [(file.relative_to(ROOT), lines) for file, lines in files if lines > most]


def long_functions(most: int) -> dict[str, int]:
    """Functions of more lines than that, from the first statement after the docstring to the last."""
    found = {}
    for file in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                if lines > most:
                    found[f"{file.relative_to(PROGRAM)}: {node.name}"] = lines
    return found
