"""A state store that is torn, cut, spoilt, or there twice: refused with the way back, and the ids stay the same."""

import shutil
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.process import run
from tests.acceptance.stage import Stage, completed, messages_of


def companions(state: Path) -> list[Path]:
    """The state and what SQLite keeps beside it."""
    return [path for path in (state, *(Path(f"{state}-{end}") for end in ("wal", "shm"))) if path.exists()]


def _has_told(stage: Stage, owed: Counter[tuple[str, int]]) -> bool:
    return stage.told() == owed


def test_a_log_that_a_power_cut_tore_loses_nothing(stage: Stage, dice: Random) -> None:
    customer = stage.keeper.customer()
    owed: Counter[tuple[str, int]] = Counter()
    for _ in range(5):
        with stage.daemon() as daemon:
            owed += completed(stage.keeper.order(customer))
            daemon.wait_for(partial(_has_told, stage, Counter(owed)))
            owed += completed(stage.keeper.order(customer))
            daemon.kill()
        with Path(f"{stage.state}-wal").open("ab") as log:
            log.write(dice.randbytes(dice.randint(1, 9_000)))
    stage.catch_up()
    assert stage.told() == owed
    assert stage.is_clean()
    assert stage.run("check").stdout.count("The state store can be written") == 1


def test_a_log_that_lost_its_end_sends_again_what_it_forgot_under_the_same_ids(stage: Stage) -> None:
    """A disk that lied about what it had written: the store is an older one, and whole."""
    customer = stage.keeper.customer()
    with stage.daemon() as daemon:
        orders = stage.keeper.orders(4, customer)
        daemon.wait_for(lambda: stage.told() == completed(*orders))
        daemon.kill()
    log = Path(f"{stage.state}-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size * 2 // 3 + 13)
    orders.append(stage.keeper.order(customer))
    stage.catch_up()
    assert stage.told() == completed(*orders)
    assert stage.receiver.conflicts() == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "overwritten"])
def test_a_spoilt_state_is_refused_with_the_way_back_and_the_ids_stay(stage: Stage, dice: Random, damage: str) -> None:
    orders = stage.keeper.orders(3, stage.keeper.customer())
    stage.catch_up()
    namespace = stage.status()["namespace"]
    assert stage.run("state", "resume", "nothing").returncode == 78
    body = bytearray(stage.state.read_bytes())
    if damage == "cut":
        body = body[: len(body) // 2]
    elif damage == "flipped":
        for at in range(4_096, len(body), 512):
            body[at : at + 64] = dice.randbytes(64)
    else:
        body[:4_096] = dice.randbytes(4_096)
    stage.state.write_bytes(body)
    stage.keeper.order(1)
    refused = stage.run("catch-up")
    assert refused.returncode == 78, refused.stderr
    assert "is damaged" in refused.stderr
    assert "namespace" in refused.stderr
    for path in companions(stage.state):
        path.rename(path.with_name(path.name + ".spoilt"))
    before = {order: messages_of(stage.receiver, order) for order in orders}
    stage.configure(namespace=namespace)
    assert stage.run("catch-up").returncode == 0
    assert stage.run("backfill", "--since", "2026-01-01").returncode == 0
    assert {order: messages_of(stage.receiver, order) for order in orders} == before, "the same ids, so the same facts"


def test_a_copy_of_the_state_on_a_second_host_adds_no_id(stage: Stage) -> None:
    customer = stage.keeper.customer()
    orders = stage.keeper.orders(3, customer)
    stage.catch_up()
    other = stage.elsewhere("copy")
    for path in companions(stage.state):
        shutil.copy2(path, other.parent / path.name)
    orders += stage.keeper.orders(2, customer)
    assert run(other, "catch-up").returncode == 0
    stage.catch_up()
    stage.keeper.enter(orders[0], 6, employee=1)
    stage.catch_up()
    assert run(other, "catch-up").returncode == 0
    assert stage.told() == completed(*orders) + Counter({("Order Cancelled", orders[0]): 1})
    assert stage.is_clean(), "and each of them says the same"


def test_a_daemon_a_catch_up_and_a_backfill_at_once_tell_everything_once(stage: Stage) -> None:
    customer = stage.keeper.customer()
    orders = stage.keeper.orders(20, customer)
    with stage.daemon() as daemon:
        for _ in range(3):
            orders += stage.keeper.orders(5, customer)
            assert stage.run("catch-up").returncode == 0
            assert stage.run("backfill", "--since", "2026-01-01").returncode == 0
        daemon.wait_for(lambda: stage.told() == completed(*orders))
        assert daemon.stop() == 0
    assert stage.is_clean()
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct())
