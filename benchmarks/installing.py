"""Programs of others, each in a virtual environment of its own under the benchmark's directory: no lock knows them."""

import subprocess
import sys
from pathlib import Path


class NotInstalledError(Exception):
    """It cannot be had here; the message says why, in a line."""


def install(directory: Path, *packages: str) -> Path:
    """Install packages into a new environment; returns where its programs are. Raises NotInstalledError."""
    here = directory / "environment"
    _run([sys.executable, "-m", "venv", str(here)])
    _run([str(here / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
    return here / "bin"


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstalledError((lines or ["no reason given"])[-1].removeprefix("ERROR: "))
