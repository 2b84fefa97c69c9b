"""What is said of page views before one is sent."""

from poller.core.vocabulary import EventType, Group, Property
from poller.streams.carts.described import BASIS, PRODUCT, TAGS

PAGE = "page"
CART_VIEWED, PRODUCT_VIEWED, LIST_VIEWED = "Cart Viewed", "Product Viewed", "Product List Viewed"
REGISTRATION, THANKYOU = "Registration Viewed", "Thankyou Page Viewed"
NEEDS = ("connections", "connections_page")
PAGE_VIEWS = frozenset({PAGE, CART_VIEWED, PRODUCT_VIEWED, LIST_VIEWED, REGISTRATION, THANKYOU})
"""What `track_page_views` switches."""

_WHEN = "`connections_page.time_start`"
_KIND = Property(
    name="name",
    kind="string",
    meaning="which page, as PrestaShop names its controllers, without hyphens: `product`, `cart`, `orderconfirmation`",
    source="`page_type.name`",
)
_URL = Property(
    name="url",
    kind="string",
    meaning="its address in the form that every version resolves; the one that was called is not stored",
    source="`shop_url.domain`, `page.id_object`",
    absent="of other pages than the home page, products and categories",
)
_REFERRER = Property(
    name="referrer",
    kind="string",
    meaning="the address the visitor came from",
    source="`connections.http_referer`",
    absent="of all but a visit's first page, and where it is not known",
)
_CART = Property(
    name="cart_id",
    kind="string",
    meaning="the cart the visitor had by then",
    source="`cart.id_cart` by `cart.id_guest`",
    absent="if they had none",
)
_SHOP = Property(name="affiliation", kind="string", meaning="the shop's name", source="`shop.name`")
_EMAIL = Property(
    name="email", kind="string", meaning="the customer's", source="`customer.email`", absent="without a customer"
)


def _viewed(name: str, *, group: Group, one_for: str, properties: tuple[Property, ...]) -> EventType:
    return EventType(
        name=name,
        group=group,
        one_for=f"{one_for}, while the shop logs page views (PS_STATSDATA_CUSTOMER_PAGESVIEWS, off by default)",
        happened=_WHEN,
        properties=properties,
        needs=NEEDS,
    )


_VIEWED_PRODUCT = tuple(
    Property(
        name=one.name,
        kind=one.kind,
        meaning=one.meaning,
        source="`page.id_object`" if "cart_product" in one.source else one.source,
        absent=one.absent,
    )
    for one in PRODUCT
    if one.name != "prestashop_variant_id"
)
VISIT_EVENTS = (
    EventType(
        name=PAGE,
        call="page",
        group="page",
        one_for="page that was viewed, while the shop logs page views (PS_STATSDATA_CUSTOMER_PAGESVIEWS, off by "
        "default); PrestaShop leaves out the robots it knows",
        happened=_WHEN,
        properties=(_KIND, _SHOP, _EMAIL, _URL, _REFERRER),
        needs=NEEDS,
    ),
    _viewed(
        PRODUCT_VIEWED,
        group="product",
        one_for="view of a product's page",
        properties=(
            _SHOP,
            _EMAIL,
            *_VIEWED_PRODUCT,
            BASIS,
            TAGS,
            Property(
                name="value",
                kind="number",
                meaning="the price of one",
                source="the rule of `price`",
                absent="if the product is deleted",
            ),
            _CART,
        ),
    ),
    _viewed(
        LIST_VIEWED,
        group="product",
        one_for="view of a category, a brand, a supplier, the new products, the price drops or the best sellers; which "
        "products it showed is not stored",
        properties=(
            _SHOP,
            _EMAIL,
            Property(
                name="list_id",
                kind="string",
                meaning="the category; of other lists their name, of a brand with its number: `manufacturer-3`",
                source="`page.id_object`, `page_type.name`",
            ),
            Property(
                name="category",
                kind="string",
                meaning="the category's name; of other lists the label of all events",
                source="`category_lang.name`",
                absent="of other lists, if the label is set to nothing",
            ),
            _CART,
        ),
    ),
    _viewed(
        CART_VIEWED,
        group="checkout",
        one_for="view of the cart's page; what is in it, the cart's own events tell",
        properties=(_SHOP, _EMAIL, _CART),
    ),
    _viewed(
        REGISTRATION,
        group="page",
        one_for="view of the page that opens an account; before 8.0 it is the one that signs in too",
        properties=(_SHOP, _EMAIL),
    ),
    _viewed(
        THANKYOU,
        group="page",
        one_for="view of the page that confirms an order",
        properties=(
            _SHOP,
            _EMAIL,
            Property(
                name="order_id",
                kind="string",
                meaning="the newest order made of that cart by then",
                source="`orders.id_order` by `orders.id_cart`",
                absent="if there is none",
            ),
            _CART,
        ),
    ),
)
