"""What is installed is what was tested: the wheel, in an environment of its own, runs and has its SQL inside."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.house.pages import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)], cwd=ROOT)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and this one's libraries within reach; its `poller`."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    _run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            str(wheel),
        ]
    )
    site = Path(_run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "poller"


def _run(command: list[str], *, cwd: Path | None = None) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("POLLER_", "PYTHON", "PIP_"))
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd or Path("/"), env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_runs(installed: Path) -> None:
    assert _run([str(installed), "--version"]) == "poller 0.1.0\n"


def test_it_is_the_wheel_that_runs(installed: Path) -> None:
    python = installed.with_name("python")
    where = _run([str(python), "-c", "import poller; print(poller.__file__)"])
    assert Path(where.strip()).is_relative_to(installed.parents[1])


def test_its_sql_is_inside(installed: Path) -> None:
    text = (ROOT / "sql" / "feeds" / "orders.sql").read_text(encoding="utf-8")
    assert _run([str(installed), "sql", "feeds/orders"]) == text.replace("PREFIX_", "ps_")
    listed = _run([str(installed), "sql"])
    for file in (ROOT / "sql").glob("*/*.sql"):
        if file.parent.name != "demo":
            assert f"{file.parent.name}/{file.stem}" in listed


def test_nothing_else_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    program = {str(file.relative_to(ROOT)) for file in (ROOT / "poller").rglob("*.py")}
    files = (file for name in ("sql", "systemd") for file in (ROOT / name).rglob("*") if file.is_file())
    data = {f"poller/{file.relative_to(ROOT)}" for file in files}
    assert names == program | data | {"poller/config.yaml"}


def test_its_units_are_inside(installed: Path, tmp_path: Path) -> None:
    """Placed by the wheel's own command, they start the wheel's own program."""
    said = _run([str(installed), "install-units", "--prefix", str(tmp_path)])
    assert "systemctl enable --now poller" in said
    unit = (tmp_path / "etc/systemd/system/poller.service").read_text(encoding="utf-8")
    assert f"ExecStart={installed} --config /etc/poller/config.yaml run\n" in unit
    assert (tmp_path / "usr/lib/sysusers.d/poller.conf").is_file()
