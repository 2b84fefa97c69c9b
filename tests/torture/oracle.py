"""The oracle: what a workload's own log says was committed, against what the receiver accepted, fact by fact.

It shares nothing with the poller: it knows neither its tables nor its ids, only the two files. By hand:

    python -m tests.torture.oracle WORKLOAD.jsonl ARRIVALS.jsonl

WORKLOAD has a line for each deed: `act`, `kind` (completed, cancelled, refunded, identify, an event's name, or none),
`at` (when it was committed), `order_id`, `customer_id`, `amount`, `currency`, `pieces`, `traits`, `subject`, `detail`,
and `began` and `dated`, the first and the last stamp that was written for it (where nothing dates it: the last one
before it, and none).
ARRIVALS has a line for each accepted message: `at`, `message`.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from tests.torture.beside import differences_beside, owed_beside
from tests.torture.people import Told, differences_of_people, moment
from tests.torture.verdicts import Difference

Line: TypeAlias = Mapping[str, Any]

KINDS: Mapping[str, str] = {
    "Order Completed": "completed",
    "Order Cancelled": "cancelled",
    "Order Refunded": "refunded",
}
SECOND = timedelta(seconds=1)
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the oracle found: facts owed, messages by name, and everything that is not as it must be."""

    owed: int
    arrived: Mapping[str, int]
    differences: Sequence[Difference]


def judge(workload: Iterable[Line], arrivals: Iterable[Line]) -> Judgement:
    """Compare; every difference is named once."""
    deeds = list(workload)
    came = [Told.of(line) for line in arrivals]
    distinct = list({told.identity: told for told in reversed(came)}.values())[::-1]
    found = [
        *_bodies(came),
        *_identities(distinct),
        *_orders(deeds, distinct),
        *differences_of_people(deeds, distinct),
        *differences_beside(deeds, distinct),
    ]
    owed = sum(deed.get("kind") in {*KINDS.values(), "identify"} for deed in deeds) + owed_beside(deeds)
    return Judgement(owed, Counter(told.name for told in distinct), found)


def _bodies(came: Sequence[Told]) -> Iterable[Difference]:
    """What is sent again under an id must be what was sent before."""
    bodies: dict[str, str] = {}
    for told in came:
        if bodies.setdefault(told.identity, told.body) != told.body:
            yield Difference("two bodies", f"{told.name} {told.identity}", "sent again, and not as before")


def _identities(distinct: Sequence[Told]) -> Iterable[Difference]:
    """The same content under two ids is one fact told twice."""
    first: dict[str, Told] = {}
    for told in distinct:
        if told.name in KINDS and first.setdefault(told.body, told) is not told:
            other = first[told.body].identity
            yield Difference(
                "two ids", f"{told.name} {told.properties.get('order_id', '')}", f"{other}, {told.identity}"
            )


def _orders(deeds: Sequence[Line], distinct: Sequence[Told]) -> Iterable[Difference]:
    owed: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for deed in deeds:
        if deed.get("kind") in KINDS.values():
            owed[deed["kind"], str(deed["order_id"])].append(deed)
    told: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in distinct:
        if one.name in KINDS:
            told[KINDS[one.name], str(one.properties.get("order_id"))].append(one)
            yield from _halves(one)
    for key in sorted({*owed, *told}):
        yield from _one_kind(key, owed.get(key, []), told.get(key, []))


def _one_kind(key: tuple[str, str], owed: Sequence[Line], told: Sequence[Told]) -> Iterable[Difference]:
    """One kind of fact of one order: pairs that agree in money first, then what is left over."""
    what = f"order {key[1]} {key[0]}"
    waiting = sorted(owed, key=lambda deed: str(deed["at"]))
    left: list[Told] = []
    for one in sorted(told, key=lambda one: one.happened):
        deed = next((deed for deed in waiting if _money(deed) == one.money), None)
        if deed is None:
            left.append(one)
            continue
        waiting.remove(deed)
        yield from _pair(what, deed, one)
    for one in left:
        if waiting:
            deed = waiting.pop(0)
            yield Difference("wrong amount", what, f"committed {_money(deed)}, told {one.money}")
        elif owed:
            yield Difference("told twice", what, f"once more as {one.identity}: {one.money} at {one.happened}")
        else:
            yield Difference("invented", what, f"{one.money} at {one.happened}: nothing of the kind was committed")
    for deed in waiting:
        yield Difference("missing", what, f"{_money(deed)}, committed at {deed['at']}: {deed['act']}")


def _money(deed: Line) -> str:
    return f"{Decimal(str(deed['amount'])):.2f} {deed['currency']}"


def _pair(what: str, deed: Line, one: Told) -> Iterable[Difference]:
    """A fact and the message that tells it: its time, and whether the order was whole."""
    # What nothing dates is noticed after it was committed; stamps have whole seconds.
    began = moment(deed["began"]) if deed.get("began") else moment(deed["at"]) - SECOND
    dated = moment(deed["dated"]) if deed.get("dated") else one.arrived + SECOND
    if not began <= one.happened <= dated:
        yield Difference("wrong time", what, f"told as of {one.happened}, happened from {began} to {dated}")
    pieces = deed.get("pieces")
    if deed["kind"] == "completed" and pieces is not None and one.pieces != pieces:
        yield Difference("half", what, f"told with {one.pieces} pieces, placed with {pieces}")


def _halves(one: Told) -> Iterable[Difference]:
    """Signs that an order was told while it was written: flags, parts that do not add up, lines that are not there."""
    what = f"order {one.properties.get('order_id')} {KINDS[one.name]}"
    if one.properties.get("unsettled"):
        yield Difference("half", what, "told before it added up")
    parts = sum((one.number(name) for name in ("subtotal", "shipping", "tax", "wrapping")), Decimal(0))
    if parts != one.number("total"):
        yield Difference("half", what, f"its parts are {parts}, its total {one.number('total')}")
    if one.name == "Order Completed":
        products = one.properties.get("products", [])
        lines = sum((Decimal(str(p["price"])) * p["quantity"] for p in products), Decimal(0))
        pieces = sum(p["quantity"] for p in products)
        short = one.number("subtotal") + one.number("discount") - lines
        if abs(short) > Decimal("0.01") * (pieces + 1):
            yield Difference("half", what, f"its lines are {lines}, {short} short of its subtotal before discounts")
        if one.number("revenue") != one.number("subtotal"):
            yield Difference(
                "wrong amount", what, f"revenue {one.number('revenue')}, subtotal {one.number('subtotal')}"
            )


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def report(found: Judgement) -> str:
    """What it found, for people; the first differences only."""
    names = ", ".join(f"{count} {name}" for name, count in sorted(found.arrived.items()))
    lines = [f"owed {found.owed} facts; arrived {names or 'nothing'}"]
    kinds = Counter(one.kind for one in found.differences)
    lines += [f"  {one.kind}: {one.what}: {one.detail}" for one in found.differences[:SHOWN]]
    lines.append("no difference" if not kinds else "differences: " + ", ".join(f"{n} {k}" for k, n in kinds.items()))
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Judge two files; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.oracle", description="Compare a log with arrivals.")
    parser.add_argument("workload", type=Path)
    parser.add_argument("arrivals", type=Path)
    chosen = parser.parse_args(arguments)
    found = judge(read(chosen.workload), read(chosen.arrivals))
    print(report(found))
    return int(bool(found.differences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
