"""A shop with a past nobody has looked at, and the real poll and sweep over it, with a state in memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from poller.engine.clock import SystemClock
from poller.engine.pages import Pages
from poller.engine.poll import Poll, PollSettings
from poller.engine.reports import PollReport
from poller.engine.sweep import Sweep
from poller.ports import Outgoing
from poller.segment.compose import MessageComposer
from poller.segment.wire import Wire
from poller.streams.registry import STREAMS
from tests.shop.conftest import Scene
from tests.streams.builders import POLICY
from tests.support.fake_state import FakeState

LONG_AGO = datetime(2019, 5, 6, 7, 8, 9)  # noqa: DTZ001 (the shop's local time, as PHP writes it)
_FAR = 20_000
_FOLLOWED = ("orders", "order_history", "order_slip", "order_payment", "customer", "address", "cart")


@dataclass(slots=True)
class Swept:
    """The engine on a scene. Nothing has to settle: what is seen is told."""

    scene: Scene
    state: FakeState = field(default_factory=FakeState)
    poll: Poll = field(init=False)
    sweep: Sweep = field(init=False)

    def __post_init__(self) -> None:
        policy = replace(POLICY, settle=timedelta(0))
        wire = Wire(namespace=policy.namespace, write_key="test-write-key")
        pages = Pages(self.state, MessageComposer(wire), streams=STREAMS, policy=policy)
        settings, clock = PollSettings(page_size=500, load_budget=1.0), SystemClock()
        self.poll = Poll(self.scene.shop, self.state, pages=pages, streams=STREAMS, settings=settings, clock=clock)
        self.sweep = Sweep(self.scene.shop, self.state, pages, STREAMS, settings, clock)

    def start(self) -> None:
        """Make what there is the past: far behind the newest rows, where no feed looks; poll, and walk once."""
        for table in _FOLLOWED:
            self._leave_behind(table)
        self.poll.once()
        assert self.state.outbox == {}
        self.walk()

    def _leave_behind(self, table: str) -> None:
        """Let the table's ids go on far ahead, with a row of nobody at the end."""
        key = {"order_history": "id_order_history", "orders": "id_order"}.get(table, f"id_{table}")
        newest = self.scene.rows.all(f"SELECT COALESCE(MAX(`{key}`), 0) FROM PREFIX_{table}")[0][0]
        self.scene.rows.add(table, **{key: newest + _FAR, "date_add": LONG_AGO, "date_upd": LONG_AGO})

    def walk(self) -> list[PollReport]:
        """The walk over everything, once around."""
        reports: list[PollReport] = []
        passes = self.sweep.way.progress.passes
        while self.sweep.way.progress.passes == passes:
            reports += self.sweep.walk(is_paced=False)
        return reports

    def told(self) -> list[tuple[str, int]]:
        """What is in the outbox, by name and key, and the outbox emptied."""
        return [(message.name, message.key) for message in self.messages()]

    def messages(self) -> list[Outgoing]:
        """The messages in the outbox but identify calls that go with orders, and the outbox emptied."""
        held = sorted(self.state.outbox.values(), key=lambda one: one.pending.seq)
        self.state.delivered([one.pending for one in held], datetime.now(UTC))
        return [one.outgoing for one in held if one.outgoing.thing != "order" or one.outgoing.name != "identify"]


def found(reports: list[PollReport]) -> int:
    """New messages that only the sweep found."""
    return sum(report.found_by_sweep for report in reports)


def is_about_now(moment: Any) -> bool:
    """Whether a message is dated at this time."""
    return bool(abs(datetime.now(UTC) - moment) < timedelta(minutes=10))
