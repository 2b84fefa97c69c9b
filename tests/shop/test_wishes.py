"""Wishlists as they are loaded: whose they are, and since when a product is on them."""

from datetime import UTC, datetime

from tests.shop.conftest import Scene
from tests.shop.rows import NOON

NOON_UTC = datetime(2024, 3, 4, 11, 0, tzinfo=UTC)
LATER, LATER_UTC = "2024-03-04 13:30:00", datetime(2024, 3, 4, 12, 30, tzinfo=UTC)


def put(scene: Scene, wishlist: int, *, product: int = 1, at: str = LATER) -> tuple[int, int]:
    """As the module does: the row of the list, then the note that dates it."""
    item = scene.rows.add(
        "wishlist_product", id_wishlist=wishlist, id_product=product, id_product_attribute=0, quantity=1, priority=1
    )
    note = scene.rows.add(
        "blockwishlist_statistics", id_cart=0, id_product=product, id_product_attribute=0, date_add=at, id_shop=1
    )
    return item, note


def list_of(scene: Scene, customer: int) -> int:
    return scene.rows.add(
        "wishlist", id_customer=customer, id_shop=1, token="T", name="Birthday", date_add=NOON, date_upd=NOON
    )


def test_a_product_on_a_list_is_dated_by_the_modules_note(own_scene: Scene) -> None:
    customer = own_scene.rows.customer()
    item, _ = put(own_scene, list_of(own_scene, customer))
    with own_scene.shop.snapshot() as snapshot:
        found = snapshot.load("wishlist_item", [item])[item]
    assert (found.wishlist_name, found.customer_id, found.product.name) == ("Birthday", customer, "Mug")
    assert found.added_at == LATER_UTC


def test_an_old_row_does_not_take_a_new_rows_note(own_scene: Scene) -> None:
    """Another customer wishes for the same: the old row stays as old as its own note, or as its list."""
    wishlist = list_of(own_scene, own_scene.rows.customer())
    old, note = put(own_scene, wishlist, at="2024-03-04 12:10:00")
    new, _ = put(own_scene, list_of(own_scene, own_scene.rows.customer()))
    with own_scene.shop.snapshot() as snapshot:
        found = snapshot.load("wishlist_item", [old, new])
    assert (found[old].added_at, found[new].added_at) == (datetime(2024, 3, 4, 11, 10, tzinfo=UTC), LATER_UTC)
    own_scene.rows.run("DELETE FROM PREFIX_blockwishlist_statistics WHERE id_statistics = %s", note)
    with own_scene.shop.snapshot() as snapshot:
        assert snapshot.load("wishlist_item", [old])[old].added_at == NOON_UTC


def test_a_product_is_gone_with_its_list(own_scene: Scene) -> None:
    item, _ = put(own_scene, 404)
    with own_scene.shop.snapshot() as snapshot:
        assert snapshot.load("wishlist_item", [item, 405]) == {}


def test_a_note_with_a_cart_names_the_customers_list(own_scene: Scene) -> None:
    customer = own_scene.rows.customer()
    wishlist = list_of(own_scene, customer)
    _, note = put(own_scene, wishlist)
    put(own_scene, list_of(own_scene, own_scene.rows.customer()))
    before = own_scene.digest("wishlist_pick", note)
    cart = own_scene.rows.cart(id_customer=customer)
    own_scene.rows.change("blockwishlist_statistics", {"id_statistics": note}, id_cart=cart)
    assert own_scene.digest("wishlist_pick", note) != before
    with own_scene.shop.snapshot() as snapshot:
        found = snapshot.load("wishlist_pick", [note])[note]
    assert (found.cart_id, found.customer_id, found.wishlist_id) == (cart, customer, wishlist)
    assert (found.noted_at, found.product.product_id) == (LATER_UTC, 1)


def test_a_row_that_was_taken_off_has_an_empty_digest(own_scene: Scene) -> None:
    item, _ = put(own_scene, list_of(own_scene, own_scene.rows.customer()))
    assert own_scene.digest("wishlist_item", item)
    own_scene.rows.run("DELETE FROM PREFIX_wishlist_product WHERE id_wishlist_product = %s", item)
    assert own_scene.digest("wishlist_item", item) == b""
