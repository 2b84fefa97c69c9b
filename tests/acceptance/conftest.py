"""The stage every test of the installed command may act on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage, staged


@pytest.fixture
def stage(server: PrivateMariaDB, tmp_path: Path) -> Iterator[Stage]:
    """A fresh demo shop, a receiver and a configuration."""
    with staged(tmp_path, server, Receiver()) as found:
        yield found
