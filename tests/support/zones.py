"""Time zones made for a test: clocks that are changed in a few seconds from now."""

import struct
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_HOUR = 3_600


def write_zone(directory: Path, name: str, *, change: datetime, before_hours: int, after_hours: int) -> ZoneInfo:
    """A zone whose clocks are set from one distance from UTC to another at that moment; RFC 8536, version 1."""
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    head = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 1, 2, 8)
    kinds = struct.pack(">lBB", before_hours * _HOUR, 0, 0) + struct.pack(">lBB", after_hours * _HOUR, 0, 4)
    path.write_bytes(head + struct.pack(">lB", int(change.timestamp()), 1) + kinds + b"AAA\0BBB\0")
    with path.open("rb") as file:
        zone = ZoneInfo.from_file(file, key=name)
    second = timedelta(seconds=1)
    assert (change - second).astimezone(zone).utcoffset() == timedelta(hours=before_hours)
    assert change.astimezone(zone).utcoffset() == timedelta(hours=after_hours)
    return zone
