"""In which order the living shop does things: each kind early, so that half a minute shows every event."""

from collections import Counter
from collections.abc import Callable
from functools import partial, wraps

import pytest

from poller.demo import accounts
from poller.demo import shop as shops
from poller.demo.book import Book
from poller.demo.hand import Hand
from poller.demo.market import Market
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import ACTS, Act, LivingShop
from tests.support.mariadb import fresh_database

# As many as an idle machine does in half a minute.
HALF_A_MINUTE = 80


@pytest.mark.parametrize("seed", range(1, 6))
def test_half_a_minute_is_enough_for_one_of_each(
    server: PrivateMariaDB, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    done: Counter[str] = Counter()

    def counted(act: Act) -> Callable[[Hand, Book, Market], bool]:
        @wraps(act)
        def do(hand: Hand, book: Book, market: Market) -> bool:
            is_done = act(hand, book, market)
            done[act.__name__] += is_done
            return is_done

        return do

    monkeypatch.setattr(shops, "ACTS", {counted(act): often for act, often in ACTS.items()})
    with fresh_database(server, "demo") as database:
        shop = LivingShop(partial(server.connect, database), seed=seed, pace=0)
        shop.run(HALF_A_MINUTE)
    # Whoever is deleted is no event, and there must be one who has nothing yet.
    assert {act.__name__ for act in ACTS} - set(+done) <= {accounts.delete_account.__name__}
