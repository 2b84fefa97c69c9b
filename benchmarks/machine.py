"""What was measured on: a figure without its machine says nothing."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.place import Place
from poller import __version__


def described(place: Place, before: float) -> Sequence[str]:
    """The machine, the versions, the shop and the day, a line each; `before` is the load average before it all."""
    hardware = f"{os.cpu_count()} cores of {_processor()}, {platform.system()} {platform.machine()}"
    drivers = ", ".join(f"{name} {version(name)}" for name in ("PyMySQL", "SQLAlchemy", "segment-analytics-python"))
    python, mariadb = platform.python_version(), place.server_version()
    return (
        f"Machine: {hardware}; shop, poller and receiver share it. State store on {_file_system(place.directory)}.",
        f"Versions: poller {__version__}, Python {python}, {drivers}; MariaDB {mariadb} by its socket.",
        f"Shop: {place.orders:,} orders. Measured on {datetime.now(UTC):%Y-%m-%d}, load average before {before:.1f}.",
    )


def load_average() -> float:
    """How busy the machine was in the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    """The processor's own name; its family where the system does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "an unknown processor")


def _file_system(directory: Path) -> str:
    """The kind of file system: fsync costs nothing in memory."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "an unknown file system"
    holding = [(len(where), kind) for where, kind in mounts if directory.is_relative_to(where)]
    return max(holding)[1]
