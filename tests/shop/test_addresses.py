"""The addresses of products: by the merchant's rule or PrestaShop's own, and plain where neither serves."""

import pytest

from poller.shop.addresses import ProductPage, ProductRoute, default_rule
from tests.shop.conftest import Scene
from tests.shop.rows import NOON

CUP = ProductPage(rewrite="red-cup", category="cups", ean13="4006381333931")
ONE, TWO = {1: ""}, {1: "en/", 2: "fr/"}


def rule_of(*version: int) -> str:
    return default_rule(lambda *least: version >= least)


@pytest.mark.parametrize(
    ("version", "variant", "page", "path"),
    [
        ((1, 6), 7, CUP, "cups/11-red-cup-4006381333931.html"),
        ((1, 6), 0, ProductPage("red-cup"), "11-red-cup.html"),
        ((1, 7), 7, CUP, "cups/11-7-red-cup-4006381333931.html"),
        ((8, 2), 0, ProductPage("red-cup", "cups", "0"), "cups/11-red-cup.html"),
        ((9, 0), 7, CUP, "11-7-red-cup.html"),
    ],
)
def test_each_version_has_its_own_rule(version: tuple[int, ...], variant: int, page: ProductPage, path: str) -> None:
    assert ProductRoute(rule_of(*version), ONE).path(11, variant, page, 1) == path


def test_with_several_languages_the_path_begins_with_the_language() -> None:
    route = ProductRoute("{id}-{rewrite}.html", TWO)
    assert (route.path(11, 0, CUP, 2), route.path(11, 0, CUP, 1)) == ("fr/11-red-cup.html", "en/11-red-cup.html")


@pytest.mark.parametrize(
    ("rule", "page", "lang_id"),
    [
        ("{rewrite}.html", CUP, 1),
        ("{manufacturer:/}{id}-{rewrite}.html", CUP, 1),
        ("{unheard:/}{id}-{rewrite}.html", CUP, 1),
        ("{id}-{rewrite}.html", ProductPage(), 1),
        ("{id}-{rewrite}.html", CUP, 3),
    ],
    ids=["without the id", "a word that is not known", "no word", "a product without its text", "another language"],
)
def test_what_cannot_be_filled_in_is_not_guessed(rule: str, page: ProductPage, lang_id: int) -> None:
    assert ProductRoute(rule, ONE).path(11, 0, page, lang_id) is None


def test_letters_that_an_address_cannot_have_are_escaped() -> None:
    page = ProductPage("tasse-rouge-é", "thé & café")
    assert ProductRoute("{category:/}{id}-{rewrite}", ONE).path(11, 0, page, 1) == (
        "th%C3%A9%20%26%20caf%C3%A9/11-tasse-rouge-%C3%A9"
    )


def address(scene: Scene) -> tuple[str, str]:
    """The address and picture of a line's product, as the edge reads them."""
    (line,) = scene.again().order(scene.rows.order(scene.rows.customer())).lines
    return line.url, line.image_url


def switch(scene: Scene, name: str, value: str, shop: int | None = None) -> None:
    scene.rows.add("configuration", name=name, value=value, id_shop=shop, date_add=NOON, date_upd=NOON)


def languages(scene: Scene, *ids: int) -> None:
    for lang_id in ids:
        scene.rows.add("lang", id_lang=lang_id, name="English", iso_code="en", active=1)
        scene.rows.run("INSERT INTO PREFIX_lang_shop (id_lang, id_shop) VALUES (%s, 1)", lang_id)


def test_a_shop_without_friendly_addresses_has_the_plain_form(own_scene: Scene) -> None:
    assert address(own_scene) == (
        "https://shop.example.com/index.php?controller=product&id_product=1",
        "https://shop.example.com/img/p/2/4/24-large_default.jpg",
    )


def test_a_shop_with_friendly_addresses_has_its_own(own_scene: Scene) -> None:
    languages(own_scene, 1)
    switch(own_scene, "PS_REWRITING_SETTINGS", "1")
    switch(own_scene, "PS_ROUTE_product_rule", "{category:/}{id}{-:id_product_attribute}-{rewrite}.html")
    switch(own_scene, "PS_LEGACY_IMAGES", "1")
    own_scene.rows.run("UPDATE PREFIX_product_lang SET link_rewrite = 'mug'")
    own_scene.rows.run("UPDATE PREFIX_category_lang SET link_rewrite = 'mugs'")
    assert address(own_scene) == (
        "https://shop.example.com/mugs/1-1-mug.html",
        "https://shop.example.com/img/p/1-24-large_default.jpg",
    )


def test_where_languages_cannot_be_read_the_plain_form_holds(own_scene: Scene) -> None:
    switch(own_scene, "PS_REWRITING_SETTINGS", "1")
    own_scene.rows.run("UPDATE PREFIX_product_lang SET link_rewrite = 'mug'")
    assert "controller=product" in address(own_scene)[0]
