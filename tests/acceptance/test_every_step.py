"""The real parts, killed with SIGKILL at every step of poll, commit and deliver, one after the other."""

import os
from collections import Counter

import pytest

from tests.acceptance import dying
from tests.acceptance.stage import Stage, completed
from tests.state.children import child

STRIDE = int(os.environ.get("KILL_STRIDE", "5"))
"""Every so manieth step, in rounds that begin at different ones; `KILL_STRIDE=1` kills at each."""
MOST_STEPS = 3_000


@pytest.mark.timeout(1_800)
def test_killed_at_every_step_everything_is_told_once(stage: Stage) -> None:
    keeper = stage.keeper
    customer = keeper.customer()
    stage.catch_up()
    owed: Counter[tuple[str, int]] = Counter()
    kills = 0
    for step in range(1, MOST_STEPS, STRIDE):
        order = keeper.order(customer)
        owed += completed(order)
        if kills % 3 == 0:
            keeper.enter(order, 6, employee=1)
            owed += Counter({("Order Cancelled", order): 1})
        with child(dying.catch_up, stage.config, step) as (process, reports):
            try:
                said = reports.recv()
            except EOFError:
                said = ""
            process.join(60)
        if said == "done":
            break
        assert process.exitcode == -9, "it died where it should"
        kills += 1
    else:
        pytest.fail("it never ends")
    assert kills * STRIDE > 100
    stage.catch_up()
    assert stage.told() == owed
    assert stage.is_clean()
    assert stage.status()["pending"] == 0
