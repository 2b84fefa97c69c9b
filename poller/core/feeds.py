"""What a feed is: it watches one table and says which things were touched."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

FeedKind: TypeAlias = Literal["tail", "touch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One watched table; `name` is also its statement, `sql/feeds/<name>.sql`.

    `permanent`: PrestaShop never deletes its rows, so a vanished newest row means the table was restored or truncated.
    `is_emptied`: merchants empty it, and its ids may begin again; what is told of a row then also names its date.
    `is_live`: followed from now on only, whatever `start_from` says.
    `clock`: who dates its rows; PHP in the shop's zone, or the database in its own.
    `reach`: so long after its row's date what it touches may still happen; a backfill reads the rows before its period.
    `optional`: the table belongs to a module or a later version; where it is missing the feed is off.
    """

    name: str
    thing: str
    kind: FeedKind
    permanent: bool = False
    is_emptied: bool = False
    is_live: bool = False
    optional: bool = False
    clock: Literal["shop", "database"] = "shop"
    reach: timedelta = timedelta(0)

    @property
    def slack(self) -> timedelta:
        """How far its stamps may lie from the shop's local time: two zones are at most 26 hours apart."""
        return timedelta(hours=26) if self.clock == "database" else timedelta(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One row a feed saw: its increasing id, the thing it touches (0: none), and its date.

    `stamp` is the text the shop wrote, in its own local time: it only serves to recognise the row again.
    """

    mark_id: int
    key_id: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The database's clock, read before a snapshot was opened; all aware UTC.

    `horizon` is the start of the oldest running transaction, `now` if none runs, and None where it cannot be known
    (no PROCESS privilege, a replica, a cluster): then gaps are kept for their time to live.
    """

    now: datetime
    horizon: datetime | None
