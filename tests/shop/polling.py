"""The engine on a test's shop: the real poll, with a state in memory."""

import time
from collections.abc import Callable

from poller.engine.clock import SystemClock
from poller.engine.pages import Pages
from poller.engine.poll import Poll, PollSettings
from poller.ports import State
from poller.segment.compose import MessageComposer
from poller.segment.wire import Wire
from poller.shop.database import ShopDatabase
from poller.streams.registry import STREAMS
from tests.streams.builders import POLICY
from tests.support.fake_state import FakeState


def make_poll(shop: ShopDatabase, state: State, *, settings: PollSettings) -> Poll:
    wire = Wire(namespace=POLICY.namespace, write_key="test-write-key")
    pages = Pages(state, MessageComposer(wire), streams=STREAMS, policy=POLICY)
    return Poll(shop, state, pages=pages, streams=STREAMS, settings=settings, clock=SystemClock())


def told(state: FakeState) -> list[tuple[str, int]]:
    """The order events in the outbox, by name and order."""
    return sorted(
        (held.outgoing.name, held.outgoing.key)
        for held in state.outbox.values()
        if held.outgoing.thing == "order" and held.outgoing.name != "identify"
    )


def wait_until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for what a server does a moment later by itself."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
