"""Every finding that `poller check` can have is a case of tests/acceptance/test_check.py, which makes it come true."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.test_check import ANY, CASES
from tests.house.source import PROGRAM

OTHERS = {"upkeep.py"}
"""What `state verify` finds: tests/acceptance/test_upkeep.py."""
ELSEWHERE = {
    ("metrics", "Metrics want prometheus-client."): "test_a_program_that_metrics_want",
    ("room", f"The disk is full where the state store is: {ANY} MB are free."): "test_a_small_or_full_disk",
    ("room", f"Only {ANY} MB are free where the state store is."): "test_a_small_or_full_disk",
}
"""Findings with a test of their own in that module, because they need more than other settings."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the source that finds something wrong; `says` has `…` for what is filled in."""

    place: str
    level: str
    topic: str
    says: str


def sites() -> Iterator[Site]:
    for file in sorted(PROGRAM.rglob("*.py")):
        if file.name in OTHERS:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = _assigned(tree.body)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            inside = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Finding":
                    before = [statement for statement in inside if statement.lineno <= call.lineno]
                    known = constants | _assigned(sorted(before, key=lambda statement: statement.lineno))
                    level, topic, text = (_text(argument, known) for argument in call.args[:3])
                    assert level in {"ok", "warning", "problem"}, f"{file.name}:{call.lineno}: say the level as it is"
                    assert level == "ok" or len(call.args) == 4, f"{file.name}:{call.lineno}: what is the remedy?"
                    if level != "ok":
                        yield Site(f"{_short(file)}:{call.lineno}", level, topic, text)


def _short(file: Path) -> str:
    return str(file.relative_to(PROGRAM))


def _assigned(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """What names were given, the last time."""
    found: dict[str, ast.expr] = {}
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
    return found


def _text(node: ast.expr, known: dict[str, ast.expr]) -> str:
    """What an expression says, as far as the source shows it."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, known) for part in parts)
        case ast.Name(id=name) if name in known and not isinstance(known[name], ast.Name):
            return _text(known[name], known)
        case _:
            return ANY


SITES = list(sites())


def test_there_are_findings() -> None:
    assert len(SITES) > 25
    assert {site.place.partition(":")[0] for site in SITES} == {
        "check.py",
        "shop/inspection.py",
        "shop/custom_check.py",
        "shop/modules.py",
    }


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.place)
def test_a_finding_has_its_case(site: Site) -> None:
    if (site.topic, site.says) in ELSEWHERE:
        return
    pattern = ".+".join(re.escape(part) for part in site.says.split(ANY))
    cases = [case for case in CASES if (case.level, case.topic) == (site.level, site.topic)]
    assert any(re.fullmatch(pattern, case.says) for case in cases), site


def test_the_cases_are_of_findings_that_there_are() -> None:
    """A finding that was taken out takes its case with it."""
    for case in CASES:
        if case.level != "ok":
            assert any((site.level, site.topic) == (case.level, case.topic) for site in SITES), case.what
    assert set(ELSEWHERE) <= {(site.topic, site.says) for site in SITES}
