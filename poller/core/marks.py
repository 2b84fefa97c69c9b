"""Watermarks as text, as a checkpoint keeps them."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from poller.core.watermarks import Gap, Watermark

OVERLAP = timedelta(seconds=3_700)
"""A touch feed's stamps are local wall time: in autumn an hour comes twice, so it is always read again."""


def dump_tail(mark: Watermark) -> str:
    """A tail feed's watermark as JSON."""
    body: dict[str, object] = {"seen": mark.seen, "known": mark.known}
    if mark.gaps:
        body["gaps"] = [[g.first, g.last, g.since.isoformat(), g.looked.isoformat(), int(g.whole)] for g in mark.gaps]
    if mark.vanished:
        body["vanished"] = mark.vanished
    if mark.stopped:
        body["stopped"] = mark.stopped
    return json.dumps(body, separators=(",", ":"))


def load_tail(text: str) -> Watermark:
    """The inverse of dump_tail."""
    body = json.loads(text)
    return Watermark(
        seen=body["seen"],
        known=tuple((int(key), str(stamp)) for key, stamp in body["known"]),
        gaps=tuple(
            Gap(first, last, datetime.fromisoformat(since), datetime.fromisoformat(looked), bool(whole))
            for first, last, since, looked, whole in body.get("gaps", ())
        ),
        vanished=tuple((int(key), str(stamp)) for key, stamp in body.get("vanished", ())),
        stopped=body.get("stopped", ""),
    )


@dataclass(frozen=True, slots=True)
class TouchMark:
    """How far a touch feed was read in one shop: the last stamp (the shop's local text) and the last id at it."""

    stamp: str
    after: int


def dump_touch(marks: dict[int, TouchMark]) -> str:
    """A touch feed's marks, one a shop, as JSON."""
    return json.dumps({str(shop): [m.stamp, m.after] for shop, m in sorted(marks.items())}, separators=(",", ":"))


def load_touch(text: str) -> dict[int, TouchMark]:
    """The inverse of dump_touch."""
    return {int(shop): TouchMark(stamp, after) for shop, (stamp, after) in json.loads(text).items()}


def overlapped(stamp: str) -> str:
    """The stamp an overlap earlier."""
    return (datetime.fromisoformat(stamp) - OVERLAP).isoformat(sep=" ")
