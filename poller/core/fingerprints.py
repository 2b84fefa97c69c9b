"""A set of millions of fingerprints, eight bytes each, in one array: to count what is distinct in little memory."""

from array import array

_BITS = 2**64 - 1
_FULLEST = 0.7
_START = 1_024


class Fingerprints:
    """Numbers of 64 bits that are spread evenly, as those of hashes are; a million of them take 12 to 23 MB.

    Two different things with one fingerprint count as one: among ten million, that happens once in 90,000 times.
    """

    __slots__ = ("_count", "_slots")

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _START))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, fingerprint: int) -> bool:
        return bool(self._slots[self._place(_plain(fingerprint))])

    def add(self, fingerprint: int) -> bool:
        """Note one; whether it is new."""
        value = _plain(fingerprint)
        place = self._place(value)
        if self._slots[place]:
            return False
        self._slots[place] = value
        self._count += 1
        if self._count > _FULLEST * len(self._slots):
            self._grow()
        return True

    def _place(self, value: int) -> int:
        """Where it stands, or would stand: its own place, or the next free one after it."""
        slots, last = self._slots, len(self._slots) - 1
        place = value & last
        while slots[place] not in {0, value}:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(16 * len(before)))
        for value in before:
            if value:
                self._slots[self._place(value)] = value


def _plain(fingerprint: int) -> int:
    """0 stands for an empty place."""
    return fingerprint & _BITS or 1
