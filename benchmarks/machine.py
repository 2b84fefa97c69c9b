"""What was measured on: a figure without its machine says nothing."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.place import Place
from poller import __version__


def described(place: Place) -> Sequence[str]:
    """The machine, the versions, the shop and the day, a sentence each."""
    return (
        f"{os.cpu_count()} cores of {_processor()}, {platform.system()} {platform.machine()}, "
        f"the state store on {_file_system(place.directory)}; shop, poller and receiver share them.",
        f"Poller {__version__}, Python {platform.python_version()}, MariaDB {place.server_version()} by a socket, "
        f"PyMySQL {version('pymysql')}, SQLAlchemy {version('sqlalchemy')}, "
        f"segment-analytics-python {version('segment-analytics-python')}.",
        f"A shop of {place.orders:,} orders. Measured on {datetime.now(UTC):%Y-%m-%d}.",
    )


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
