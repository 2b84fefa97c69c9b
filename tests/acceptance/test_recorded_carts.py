"""A real PrestaShop's carts, recorded: what the shop's pages showed must be told, and nothing else."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from poller.demo.receiver import Receiver
from tests.acceptance.process import Daemon, run, write_config
from tests.acceptance.recorded_carts import Told, cart_steps, told_of_carts
from tests.acceptance.recording import ROOT, Recording
from tests.acceptance.test_recordings import Shop, recording, shop

__all__ = ["recording", "shop"]
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason=f"the recordings are not here: {ROOT.name} beside the clone")
COMMIT_SECONDS = 0.02
"""How much later than the page a transaction may have been seen by who recorded it."""


def test_carts_coupons_checkouts_and_wishlists_come_out_as_the_timeline_tells_them(
    shop: Shop, recording: Recording, tmp_path: Path
) -> None:
    """Every change is told, because none is taken back before it was seen: the shop waits for the poller."""
    expected: Counter[Told] = Counter()
    with Receiver() as receiver:
        config = write_config(
            tmp_path,
            shop_url=shop.url,
            segment_url=receiver.url,
            cart_settle="0s",
            settle="1s",
            schedule={"hot_sweep": "200ms"},
        )

        all_given, kept = _given(recording)

        def has_come() -> bool:
            return expected <= told_of_carts(receiver.distinct().values())

        def in_the_office() -> list[Mapping[str, Any]]:
            on_orders = [m["properties"] for m in receiver.distinct().values() if m.get("event") == "Coupon Applied"]
            return [told for told in on_orders if "order_id" in told]

        def given() -> set[tuple[str, str]]:
            return {(told["order_id"], told["coupon_name"]) for told in in_the_office()}

        with Daemon(config) as daemon:
            for step in cart_steps(recording.timeline()):
                if step.is_reversal:
                    daemon.wait_for(has_come)
                shop.replay.until(step.known_at + COMMIT_SECONDS)
                expected.update(step.told)
                if step.told[-1][0] == "Payment Info Entered":
                    daemon.wait_for(has_come)
            daemon.wait_for(has_come)
            shop.replay.until(float("inf"))
            daemon.wait_for(lambda: kept <= given())
            assert daemon.stop() == 0
        assert run(config, "catch-up").returncode == 0
        assert told_of_carts(receiver.distinct().values()) == expected
        assert all(told["source_name"] == "back_office" for told in in_the_office())
        assert kept <= given() <= all_given, "one taken off again at once may go unseen"


def _given(recording: Recording) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The discounts that the back office gave on placed orders, and those of them that it did not take off again."""
    given: set[tuple[str, str]] = set()
    kept: dict[str, str] = {}
    for step in recording.timeline():
        if step["action"] == "bo_add_rule":
            order, name = str(step["args"]["order"]), step["args"]["name"]
            given.add((order, name))
            kept[order] = name
        elif step["action"] == "bo_del_rule":
            kept.pop(str(step["args"]["order"]))
    return given, set(kept.items())
