"""What each part of the algorithm is there for: taken out, one at a time, tests fail that pass with it.

`make ablations` lets the state machines play against each of them too.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from poller.core import watermarks
from poller.engine import reading
from poller.ports import Commit
from poller.streams.orders import derive
from tests.core import test_watermarks as gap_tests
from tests.engine import test_every_step as step_tests
from tests.engine import test_overlap as overlap_tests
from tests.engine.test_poll_machine import PollMachine
from tests.streams import test_orders as order_tests
from tests.support.fake_state import FakeState

HISTORIES = int(os.environ.get("ABLATION_HISTORIES", "0"))


@dataclass(frozen=True, slots=True)
class Ablation:
    """How a part is taken out, the tests that then fail, and the machine that finds it too."""

    take_out: Callable[[pytest.MonkeyPatch], None]
    tests: tuple[Callable[[], None], ...]
    machine: type[RuleBasedStateMachine]


def without_gaps(patch: pytest.MonkeyPatch) -> None:
    """Only the highest id is remembered, as everybody does."""
    patch.setattr(watermarks, "new_gaps", lambda _mark, _tail: ())
    patch.setattr(reading, "new_gaps", lambda _mark, _tail: ())


def without_the_horizon(patch: pytest.MonkeyPatch) -> None:
    """A gap is given up at the next look."""
    patch.setattr(watermarks, "_is_dead", lambda _gap, _reading, _ttl: True)


def without_the_overlap(patch: pytest.MonkeyPatch) -> None:
    """A touch feed reads on from its mark, and never back."""
    patch.setattr(reading, "overlapped", lambda stamp: stamp)


def without_settling(patch: pytest.MonkeyPatch) -> None:
    """An order is told as it is, whether it adds up or not."""
    patch.setattr(derive, "_adds_up", lambda _order: True)


def without_one_transaction(patch: pytest.MonkeyPatch) -> None:
    """The marks are stored, and then what they prove."""
    whole = FakeState.commit

    def in_pieces(state: FakeState, commit: Commit) -> int:
        whole(state, replace(commit, outgoing=(), memories=(), suppressed=()))
        return whole(state, replace(commit, marks={}))

    patch.setattr(FakeState, "commit", in_pieces)


def without_the_ledger(patch: pytest.MonkeyPatch) -> None:
    """What was delivered is forgotten."""
    whole = FakeState.delivered

    def delivered(state: FakeState, batch: object, at: object) -> None:
        whole(state, batch, at)  # type: ignore[arg-type]
        state.ledger.clear()

    patch.setattr(FakeState, "delivered", delivered)


ABLATIONS: Mapping[str, Ablation] = {
    "gaps": Ablation(
        without_gaps,
        (
            gap_tests.test_an_id_that_commits_late_is_found_in_its_gap,
            gap_tests.test_a_gap_that_is_partly_filled_keeps_the_rest,
        ),
        gap_tests.OutOfOrderCommits,
    ),
    "horizon": Ablation(
        without_the_horizon,
        (gap_tests.test_a_gap_closes_only_when_every_transaction_that_could_own_it_has_ended,),
        gap_tests.OutOfOrderCommits,
    ),
    "overlap": Ablation(
        without_the_overlap,
        (overlap_tests.test_a_save_that_commits_late_is_read_again,),
        overlap_tests.LateSaves,
    ),
    "settle": Ablation(
        without_settling,
        (
            order_tests.TestSettling().test_lines_that_do_not_add_up_yet_hold_the_order_back,
            order_tests.TestSettling().test_a_slip_whose_lines_are_not_there_yet_waits,
        ),
        PollMachine,
    ),
    "one transaction": Ablation(
        without_one_transaction,
        (step_tests.test_killed_at_every_step_the_feeds_alone_miss_nothing,),
        PollMachine,
    ),
    "ledger": Ablation(
        without_the_ledger,
        (step_tests.test_killed_at_every_step_what_was_acknowledged_is_not_sent_again,),
        PollMachine,
    ),
}


@pytest.mark.parametrize("name", ABLATIONS)
def test_without_it_named_tests_fail(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ablation = ABLATIONS[name]
    for test in ablation.tests:
        test()
    ablation.take_out(monkeypatch)
    for test in ablation.tests:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            test()


@pytest.mark.timeout(3_600)
@pytest.mark.skipif(not HISTORIES, reason="make ablations")
@pytest.mark.parametrize("name", ABLATIONS)
def test_without_it_the_state_machine_finds_a_loss(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ablation = ABLATIONS[name]
    ablation.take_out(monkeypatch)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            ablation.machine,
            settings=settings(
                max_examples=HISTORIES,
                stateful_step_count=50,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
