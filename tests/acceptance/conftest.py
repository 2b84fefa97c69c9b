"""The stage every test of the installed command may act on."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage, staged
from tests.support.contract import complaints


@pytest.fixture
def stage(server: PrivateMariaDB, tmp_path: Path) -> Iterator[Stage]:
    """A fresh demo shop, a receiver and a configuration; in the end, every message must be as the catalogue says."""
    with staged(tmp_path, server, Receiver()) as found:
        yield found
        wrong = [complaint for message in found.receiver.distinct().values() for complaint in complaints(message)]
        assert wrong == [], "a message that is not as the catalogue says"


@pytest.fixture
def dice() -> Random:
    """Chance, that can be repeated: put the seed that a failure shows in the place of the time."""
    seed = time.time_ns() % 1_000_000
    print(f"dice seeded with {seed}")  # noqa: T201 - pytest shows it beside a failure
    return Random(seed)  # noqa: S311 - it decides when to kill, nothing secret
