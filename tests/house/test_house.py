"""What keeps the house in order: sizes, and nothing that belongs to one machine."""

import re
import subprocess
from pathlib import Path

from poller.config import known_settings
from tests.house.pages import ROOT
from tests.house.source import long_files, long_functions

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40
LISTS = {"shop/purchases.py: load_orders"}
"""One call that gives each column its field: longer, and not harder to read."""
# Brackets, so that this file does not hold what it looks for.
OF_ONE_MACHINE = re.compile(r"[/](work/|root/|tmp/\w|home/\w)")
OF_A_REGISTRY = re.compile(r"[p]ypi\.|[p]ythonhosted|[n]pmjs\.|--(extra-)?[i]ndex-url[ =]")


def _files() -> list[Path]:
    """Every file of the repository, those included that will be added next."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for file in _files():
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def test_no_file_is_too_long() -> None:
    assert long_files(MOST_LINES_OF_A_FILE) == []


def test_no_function_is_too_long() -> None:
    assert set(long_functions(MOST_LINES_OF_A_FUNCTION)) == LISTS


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _lines_with(OF_ONE_MACHINE) == []


def test_no_file_names_a_package_registry() -> None:
    assert _lines_with(OF_A_REGISTRY) == []


def test_the_configuration_file_documents_every_setting() -> None:
    """Each setting has its line, and a comment above it, above one of its neighbours, or beside its section."""
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    section, is_explained, found = "", False, set()
    for line in lines:
        if not line.strip():
            is_explained = False
        elif line.lstrip().startswith("#"):
            is_explained = True
        elif match := re.match(r"(\s*)([a-z_]+):", line):
            section = match[2] if not match[1] else section
            name = f"{section}.{match[2]}" if match[1] else section
            if name in known_settings():
                assert is_explained, name
                found.add(name)
    assert found == set(known_settings())
