"""Deliver, whatever Segment answers and wherever the process dies: every message ends in exactly one place."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from poller.ports import Accepted, Deferred, Verdict
from tests.engine.outlet import (
    BAD,
    BUSY,
    WRONG_KEY,
    FakeClock,
    FakeSender,
    buried,
    deliverer,
    holding,
    in_ledger,
    waiting,
)


class KilledError(Exception):
    """The process dies here."""


@dataclass(slots=True)
class Killer:
    """Kills at the steps whose numbers it was given."""

    at: set[int]
    step: int = 0

    def __call__(self, name: str) -> None:
        del name
        self.step += 1
        if self.step in self.at:
            raise KilledError


verdicts = st.sampled_from([Accepted(), BUSY, Deferred("429", timedelta(minutes=5)), WRONG_KEY, BAD, BAD])


@given(
    count=st.integers(1, 40),
    script=st.lists(verdicts, max_size=40),
    kills=st.sets(st.integers(1, 60), max_size=8),
    rate_limit=st.sampled_from([7, 10_000]),
)
def test_every_message_ends_in_exactly_one_place_in_order_wherever_the_process_dies(
    count: int, script: list[Verdict], kills: set[int], rate_limit: int
) -> None:
    state, clock, sender = holding(count), FakeClock(), FakeSender(list(script))
    state.crash = Killer(kills)
    everything = list(range(1, count + 1))
    deliver = deliverer(state, sender, clock, rate_limit=rate_limit)
    rounds = 0
    while waiting(state):
        try:
            deliver.once()
        except KilledError:
            deliver = deliverer(state, sender, clock, rate_limit=rate_limit)
        assert sorted([*in_ledger(state), *waiting(state), *buried(state)]) == everything
        assert set(in_ledger(state)) <= set(sender.accepted)
        assert buried(state).keys() <= sender.refused_alone
        clock.wait(60.0)
        rounds += 1
        assert rounds <= count + len(script) * 6 + len(kills), "delivery does not get on"
    first_accepted = list(dict.fromkeys(sender.accepted))
    assert all(earlier < later for earlier, later in pairwise(first_accepted))
    assert {*in_ledger(state), *buried(state)} == set(everything)
