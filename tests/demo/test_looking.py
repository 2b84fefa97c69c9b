"""What the living shop's visitors look at: noted in the book as the module's tables have it."""

from collections import Counter
from functools import partial

from poller.demo import looking
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.demo.test_history import one
from tests.support.mariadb import fresh_database


def test_a_visitor_follows_a_link_and_views_every_page(server: PrivateMariaDB) -> None:
    with fresh_database(server, "demo") as database:
        shop = LivingShop(partial(server.connect, database), pace=0)
        assert shop.do(looking.look_around)
        noted = Counter(deed.kind for deed in shop.deeds)
        assert (noted["Link Clicked"], noted["Product Viewed"], noted["page"]) == (1, 1, 6)
        assert noted.total() == 12
        with server.connect(database) as connection:
            assert one(connection, "SELECT COUNT(*) FROM ps_connections_page") == 6
            campaigns = "SELECT COUNT(*) FROM ps_connections_source WHERE request_uri LIKE '%utm_campaign=spring-%'"
            assert one(connection, campaigns) == 1
            named = (
                "SELECT COUNT(*) FROM ps_connections_page AS v JOIN ps_page AS p ON p.id_page = v.id_page "
                "JOIN ps_page_type AS t ON t.id_page_type = p.id_page_type"
            )
            assert one(connection, named) == 6
