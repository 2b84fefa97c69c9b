"""When something happened in a cart, by the best date there is: a line's own, the cart's, or when it was noticed.

The rule for first sight: what a cart held before anybody watched it is never dated later than its rows prove, so that
old carts tell nothing new. The reader of the order of arguments: `now` is the database's clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from poller.streams.carts.facts import CartFacts
from poller.streams.carts.memory import CartMemory

REQUEST = timedelta(minutes=1)
"""How much older than its commit a stamp may be: PHP stamps when it begins to write, and a request may be slow."""

ONE_VISIT = timedelta(days=1)
"""A cart that lived longer when it is first seen was not filled in one visit: its last stamp dates none of it."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one look at a cart."""

    now: datetime
    cart: CartFacts
    before: CartMemory | None

    @property
    def ordered_at(self) -> datetime | None:
        """When the first order was made of the cart; None if there is none."""
        if not self.cart.orders:
            return None
        return min((order.added_at or self.now for order in self.cart.orders), default=None)

    def noticed(self) -> datetime:
        """Of what has no date of its own: the cart's stamp if it moved since the last look, else now."""
        saved = self.cart.updated_at
        if self.before is None:
            return self._first_seen()
        moved = saved is not None and saved != self.before.saved_at
        return self._not_after(saved if moved and saved else self.now)

    def added(self, stamp: datetime | None, *, is_new: bool) -> datetime:
        """Of more of something: the line's own date where it can be of this change, else as noticed."""
        if self.before is None:
            began = self.cart.added_at
            return self._not_after(max(filter(None, (stamp, began)), default=None) or self._first_seen())
        earliest = self.before.looked_at - (REQUEST if is_new else timedelta(seconds=2))
        return self._not_after(stamp) if stamp and earliest <= stamp <= self.now + REQUEST else self.noticed()

    def _first_seen(self) -> datetime:
        """Of what is undated at first sight: the last stamp of a young cart, the first one of an old cart."""
        added, saved = self.cart.added_at, self.cart.updated_at
        if added and saved and saved - added > ONE_VISIT:
            return self._not_after(added)
        return self._not_after(saved or added or self.now)

    def _not_after(self, moment: datetime) -> datetime:
        """Neither in the future, nor after the order: what comes later is an edit of the order."""
        return min(moment, self.now, self.ordered_at or self.now)
