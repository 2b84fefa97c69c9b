"""The two locks: whole, by hash, alike, and of no particular index."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.pages import ROOT

LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
ENTRY = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>\S+)(?P<rest>.*(?:\n    .*)*)", re.MULTILINE)


def entries(lock: Path) -> dict[str, tuple[str, str]]:
    """By name: the version, and all that is said of it."""
    found = ENTRY.finditer(lock.read_text(encoding="utf-8"))
    return {entry["name"]: (entry["version"], entry["rest"]) for entry in found}


def plain(requirement: str) -> str:
    """The name in a requirement, as locks spell it."""
    return re.split(r"[<>=!~;\[ ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_everything_has_hashes_and_nothing_comes_from_elsewhere(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert [name for name, (_, rest) in entries(lock).items() if "--hash=sha256:" not in rest] == []
    assert [line for line in text.splitlines() if re.search(r"https?:|file:|^-", line)] == []


def test_what_installs_the_program_is_in_its_lock() -> None:
    """Without it `pip install --no-build-isolation .` would want a backend that nobody installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = entries(LOCKS[0])
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    wanted += project["project"]["optional-dependencies"]["metrics"]
    assert [name for name in map(plain, wanted) if name not in locked] == []


def test_what_is_tested_is_what_is_installed() -> None:
    """A library that is in both has one version."""
    run, developed = (entries(lock) for lock in LOCKS)
    assert {name: run[name][0] for name in run.keys() & developed} == {
        name: developed[name][0] for name in run.keys() & developed
    }
    assert run.keys() - developed == set()
