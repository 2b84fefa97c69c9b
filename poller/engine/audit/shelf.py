"""Messages in the order of the things they are about, taken from the shelf thing by thing."""

from collections.abc import Iterator

from poller.engine.audit.books import Told


class Shelf:
    """Reads ahead by one message."""

    def __init__(self, told: Iterator[Told]) -> None:
        self._told = told
        self._next = next(told, None)

    def before(self, key: int) -> Iterator[Told]:
        """Take the messages about things below that key: nobody asked for them."""
        while self._next is not None and self._next.key < key:
            yield self._take(self._next)

    def of(self, key: int) -> list[Told]:
        """Take those about that thing; keys are asked for in their order."""
        found = []
        while self._next is not None and self._next.key == key:
            found.append(self._take(self._next))
        return found

    def rest(self) -> Iterator[Told]:
        """Take all that is left."""
        while self._next is not None:
            yield self._take(self._next)

    def _take(self, message: Told) -> Told:
        self._next = next(self._told, None)
        return message
