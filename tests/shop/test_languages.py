"""Names in the language of the shop where it has one of its own, all else in the installation's."""

import pytest

from poller.errors import ConfigurationError
from tests.shop.conftest import Scene
from tests.shop.opening import open_shop


def test_each_shops_names_are_in_its_own_language(own_scene: Scene) -> None:
    rows = own_scene.rows
    rows.run("DELETE FROM PREFIX_lang")
    rows.add("lang", id_lang=1, name="English", iso_code="en", active=1)
    rows.add("lang", id_lang=2, name="Français", iso_code="fr", active=1)
    rows.add("shop", id_shop=2, id_shop_group=1, name="Boutique", active=1)
    rows.add("product_lang", id_product=1, id_shop=1, id_lang=2, name="Tasse")
    rows.add("order_state_lang", id_order_state=2, id_lang=2, name="Paiement accepté")
    customer = rows.customer()
    english, french = rows.order(customer, states=(2,)), rows.order(customer, states=(2,), id_shop=2)
    shop = open_shop(own_scene.server, own_scene.database, languages={2: "fr"})
    with shop.snapshot() as snapshot:
        found = snapshot.load("order", [english, french, 4_000_000])
        assert sorted(found) == [english, french]
        assert [found[key].lines[0].name for key in (english, french)] == ["Mug", "Tasse"]
        assert [found[key].shop.state_name(2) for key in (english, french)] == ["Payment accepted", "Paiement accepté"]
        assert list(snapshot.load("customer", [customer])) == [customer]


def test_a_language_that_the_shop_does_not_have_is_refused(own_scene: Scene) -> None:
    own_scene.rows.run("DELETE FROM PREFIX_lang")
    own_scene.rows.add("lang", id_lang=1, name="English", iso_code="en", active=1)
    shop = open_shop(own_scene.server, own_scene.database, languages={2: "xx"})
    with pytest.raises(ConfigurationError, match="no language 'xx'"):
        shop.reference()
