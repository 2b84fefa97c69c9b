"""The two states that must pass the same cases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from poller.state.store import open_state
from tests.state.builders import AnyState
from tests.support.fake_state import FakeState


@pytest.fixture(params=["real", "fake"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyState]:
    if request.param == "fake":
        yield FakeState()
        return
    with open_state(f"sqlite:///{tmp_path}/state.db") as store:
        yield store
