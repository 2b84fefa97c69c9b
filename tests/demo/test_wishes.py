"""What the living shop's customers do with wishlists and vouchers: rows that come, change in place, and go."""

from functools import partial

from poller.demo import carting, visits, wishes
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.demo.test_history import one
from tests.support.mariadb import fresh_database


def test_a_wish_is_noted_picked_and_taken_off(server: PrivateMariaDB) -> None:
    with fresh_database(server, "demo") as database:
        shop = LivingShop(partial(server.connect, database), pace=0)
        assert shop.do(visits.register, wishes.wish, wishes.wish, wishes.pick)
        with server.connect(database) as connection:
            assert one(connection, "SELECT COUNT(*) FROM ps_wishlist") == 1
            assert one(connection, "SELECT COUNT(*) FROM ps_wishlist_product") == 2
            picked = "SELECT COUNT(*) FROM ps_blockwishlist_statistics AS s JOIN ps_cart AS c ON c.id_cart = s.id_cart"
            assert one(connection, picked) == 1
            assert shop.do(wishes.take_off)
            assert one(connection, "SELECT COUNT(*) FROM ps_wishlist_product") == 1
        assert not shop.do(wishes.take_off, wishes.take_off), "nothing is left to take off"


def test_a_voucher_is_taken_out_again(server: PrivateMariaDB) -> None:
    with fresh_database(server, "demo") as database:
        shop = LivingShop(partial(server.connect, database), pace=0)
        assert not shop.do(carting.take_voucher_out)
        assert shop.do(carting.browse, carting.type_voucher)
        with server.connect(database) as connection:
            assert one(connection, "SELECT COUNT(*) FROM ps_cart_cart_rule") == 1
            assert shop.do(carting.take_voucher_out)
            assert one(connection, "SELECT COUNT(*) FROM ps_cart_cart_rule") == 0
