"""A small living shop: it writes to a PrestaShop database as PrestaShop does, and keeps a log of what must be told.

The log (`deeds`) is the truth that what arrives is compared with.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from random import Random
from types import MappingProxyType
from typing import TypeAlias

from poller.demo import accounts, buying, carting, looking, office, refunding, talking, visits, wishes
from poller.demo.book import Book, Deed
from poller.demo.hand import Hand
from poller.demo.market import Market, read_market
from poller.demo.server import Connection

Act: TypeAlias = Callable[[Hand, Book, Market], bool]

# How often each act comes, in one round of all of them.
ACTS: Mapping[Act, int] = MappingProxyType(
    {
        looking.look_around: 6,
        visits.register: 2,
        carting.browse: 4,
        carting.change_quantity: 2,
        carting.remove_line: 2,
        carting.type_voucher: 2,
        carting.take_voucher_out: 1,
        visits.log_in: 4,
        wishes.wish: 2,
        wishes.take_off: 1,
        wishes.pick: 1,
        buying.buy: 8,
        buying.buy_as_guest: 3,
        buying.buy_kept_cart: 1,
        buying.buy_in_dollars: 2,
        buying.buy_with_voucher: 2,
        buying.buy_wrapped: 1,
        buying.buy_for_nothing: 1,
        buying.buy_split: 1,
        buying.buy_out_of_stock: 1,
        buying.fail_to_pay: 1,
        buying.crash: 1,
        office.pay: 5,
        office.ship: 3,
        office.deliver: 1,
        office.cancel_unpaid: 2,
        office.cancel_paid: 1,
        office.cancel_lines: 1,
        office.cancel_unit: 1,
        office.notify_again: 1,
        office.set_by_sql: 1,
        office.refund_by_state: 1,
        refunding.refund_unit: 3,
        refunding.refund_as_voucher: 1,
        talking.search: 2,
        talking.subscribe: 2,
        talking.unsubscribe: 3,
        talking.ask: 1,
        accounts.edit_account: 1,
        accounts.sign_up_in_footer: 1,
        accounts.move: 1,
        accounts.delete_account: 1,
    }
)
_MEAN_REST_SECONDS = 0.4
OPENING: Sequence[Act] = (
    visits.register,
    carting.browse,
    wishes.wish,
    talking.subscribe,
    carting.browse,
    carting.type_voucher,
    wishes.wish,
    carting.browse,
)
"""What other acts need comes first, so that half a minute is enough for one of each."""
_TRIES, _LATER = 3, 15
"""How often, and how many acts later, what could not be done yet is tried again."""


class LivingShop:
    """The shop. Each act has a connection of its own, as a request of PHP has, and happens inside `around`.

    `pace` stretches all pauses: 1 is an idle shop's, 0 is none. `is_told` is asked before an act edits what an order
    holds (see Book). With one worker, the acts follow from the seed alone.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        prefix: str = "ps_",
        seed: int = 1,
        pace: float = 1.0,
        is_told: Callable[[int], bool] = lambda _order_id: True,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._connect = connect
        self._prefix = prefix
        self._pace = pace
        self._around = around
        self._dice = Random(seed)
        self._book = Book(is_told)
        self._lock = threading.Lock()
        self._deck: list[Act] = [*reversed(OPENING)]
        self._postponed: Counter[Act] = Counter()
        self._stop = threading.Event()
        with closing(connect()) as connection:
            self._market = read_market(connection, prefix)

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What the shop did so far."""
        return self._book.deeds()

    def do(self, *acts: Act) -> bool:
        """Do these acts in this order; False, and no more, once there is nothing to do one of them to."""
        with closing(self._connect()) as connection:
            hand = self._hand(connection, self._fresh_dice())
            return all(act(hand, self._book, self._market) for act in acts)

    def run(self, acts: int, *, workers: int = 1) -> None:
        """Do so many acts, dealt from the deck."""
        shares = [acts // workers + (worker < acts % workers) for worker in range(workers)]
        self._work(workers, lambda worker, done: done < shares[worker])

    def live(self, seconds: float, *, workers: int = 3) -> None:
        """Do acts for so long, or until `stop`; what is begun is finished."""
        until = time.monotonic() + seconds
        self._work(workers, lambda _worker, _done: time.monotonic() < until)

    def stop(self) -> None:
        """Let every worker finish its act, and no more."""
        self._stop.set()

    def _work(self, workers: int, goes_on: Callable[[int, int], bool]) -> None:
        def work(worker: int) -> None:
            done = 0
            dice = self._fresh_dice()
            while goes_on(worker, done) and not self._stop.is_set():
                with self._around(), closing(self._connect()) as connection:
                    self._act(self._hand(connection, dice))
                done += 1
                if self._pace:
                    self._stop.wait(self._pace * dice.expovariate(1 / _MEAN_REST_SECONDS))

        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(work, worker) for worker in range(workers)]
            for future in futures:
                future.result()

    def _fresh_dice(self) -> Random:
        with self._lock:
            return Random(self._dice.getrandbits(64))

    def _hand(self, connection: Connection, dice: Random) -> Hand:
        return Hand(connection, prefix=self._prefix, zone=self._market.zone, dice=dice, pace=self._pace)

    def _act(self, hand: Hand) -> None:
        """The next act of the deck; if there is nothing to do it to yet, it comes later: now somebody buys."""
        with self._lock:
            if not self._deck:
                self._shuffle()
            act = self._deck.pop()
        if not act(hand, self._book, self._market):
            with self._lock:
                self._postponed[act] += 1
                if self._postponed[act] <= _TRIES:
                    self._deck.insert(max(len(self._deck) - _LATER, 0), act)
            buying.buy(hand, self._book, self._market)

    def _shuffle(self) -> None:
        """Every act once, in any order, upon as many as it comes oftener."""
        first = list(ACTS)
        again = [act for act, often in ACTS.items() for _ in range(often - 1)]
        self._dice.shuffle(first)
        self._dice.shuffle(again)
        self._deck = again + first
        self._postponed.clear()
