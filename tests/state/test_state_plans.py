"""What runs every second reads by index, however much waits, and never sorts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from poller.ports import Commit, Suppressed
from poller.state.store import StateStore, open_state
from tests.state.builders import AT, LARGE, id_of, memory, message, messages

HOT: dict[str, Callable[[StateStore], object]] = {
    "pending": lambda s: s.pending(limit=500, max_bytes=LARGE),
    "delivered": lambda s: s.delivered(s.pending(limit=2, max_bytes=LARGE), AT),
    "bury": lambda s: s.bury(s.pending(limit=1, max_bytes=LARGE)[0], reason="no", at=AT),
    "outbox_size": lambda s: s.outbox_size(),
    "commit": lambda s: s.commit(
        Commit(
            lane="live",
            at=AT,
            outgoing=messages(8, 9, customer_id=1),
            memories=[memory(1)],
            marks={"orders": "1"},
            suppressed=[Suppressed(customer_id=3, reason="erased")],
        )
    ),
    "known": lambda s: s.known([id_of(1), id_of(2)]),
    "recall": lambda s: s.recall([("order", 1), ("cart", 1)]),
    "due": lambda s: s.due(AT, 100),
    "lately": lambda s: s.lately("order", 100),
    "remembered": lambda s: s.remembered("order", after=1, limit=100),
    "marks": lambda s: s.marks("live"),
    "buried": lambda s: s.buried(10, seqs=[1, 2]),
}


@pytest.mark.parametrize("name", HOT)
def test_no_table_is_scanned_and_nothing_is_sorted(tmp_path: Path, name: str) -> None:
    seen: list[tuple[str, Any]] = []

    def remember(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        del connection, cursor, rest
        seen.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    with open_state(f"sqlite:///{tmp_path}/state.db") as store:
        store.commit(Commit(lane="live", at=AT, outgoing=messages(1, 2, 3), memories=[memory(1, again=AT)]))
        store.commit(Commit(lane="backfill-1", at=AT, outgoing=[message(4, customer_id=3)]))
        event.listen(store._database.engine, "before_cursor_execute", remember)
        HOT[name](store)
        event.remove(store._database.engine, "before_cursor_execute", remember)
        statements = [one for one in seen if not one[0].startswith("BEGIN")]
        assert statements
        with store._database.read() as connection:
            for statement, parameters in statements:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plan = [row.detail for row in rows if row.detail != "SCAN name"]  # some twenty rows, read whole
                assert not [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step], (statement, plan)
