"""The events and properties that an online shop is expected to tell of, whether a database can know them or not."""

from dataclasses import dataclass

from poller.core.vocabulary import Group

_BROWSER = "Segment's Analytics.js in the shop's theme; the same userId joins both"
_MAILER = "the e-mail tool's own Segment source; or a custom event, if a module logs it in a table"
_LOG = "a custom event, if a module logs it in a table; else Analytics.js in the shop's theme"


@dataclass(frozen=True, slots=True)
class Asked:
    """An event somebody expects; `instead` is filled where no table of PrestaShop's own proves it."""

    name: str
    group: Group
    instead: str = ""


@dataclass(frozen=True, slots=True)
class AskedProperty:
    """A property somebody expects; `instead` as above."""

    name: str
    instead: str = ""


EVENTS: tuple[Asked, ...] = (
    Asked("Order Completed", "order"),
    Asked("Order Cancelled", "order"),
    Asked("Order Refunded", "order"),
    Asked("Order Updated", "order"),
    Asked("Product Added", "product"),
    Asked("Product Removed", "product"),
    Asked("Product Viewed", "product"),
    Asked("Product List Viewed", "product"),
    Asked("Products Searched", "product"),
    Asked("Product Clicked", "product", _LOG),
    Asked("Product Image Clicked", "product", _LOG),
    Asked("Product Shared", "product", _LOG),
    Asked("Product Added to Wishlist", "product"),
    Asked("Product Removed from Wishlist", "product"),
    Asked("Wishlist Product Added to Cart", "product"),
    Asked("Cart Viewed", "checkout"),
    Asked("Checkout Started", "checkout"),
    Asked("Checkout Step Viewed", "checkout"),
    Asked("Checkout Step Completed", "checkout"),
    Asked("Payment Info Entered", "checkout"),
    Asked("Coupon Applied", "checkout"),
    Asked("Coupon Removed", "checkout"),
    Asked("Registration Viewed", "page"),
    Asked("Thankyou Page Viewed", "page"),
    Asked("page", "page"),
    Asked("identify", "customer"),
    Asked("Signed Up", "customer"),
    Asked("Signed In", "customer"),
    Asked("Email Sent", "email"),
    Asked("Subscribed", "email"),
    Asked("Unsubscribed", "email"),
    Asked("Email Replied", "email"),
    Asked("Link Clicked", "email"),
    Asked("Email Opened", "email", _MAILER),
    Asked("Email Bounced", "email", _MAILER),
)

PROPERTIES: tuple[AskedProperty, ...] = (
    *(
        AskedProperty(name)
        for name in (
            # Of orders.
            "order_id",
            "reference",
            "checkout_id",
            "cart_id",
            "affiliation",
            "currency",
            "products",
            "subtotal",
            "revenue",
            "total",
            "tax",
            "shipping",
            "discount",
            "coupon",
            "coupon_id",
            "coupon_name",
            "discount_items",
            "payment_method",
            "payment_gateway_xcommerce",
            "shipping_method",
            "presentment_amount",
            "presentment_currency",
            "presentment_total",
            "quantity",
            "source_name",
            "order_status",
            "cancel_reason",
            "refund_reason",
            "reason",
            "tracking_number",
            "step",
            # Of all events.
            "sent_from",
            "category",
            "email",
            "userId",
            "prestashop_customer_id_xcommerce",
            "lifetime_revenue_xcommerce",
            "purchase_count_xcommerce",
            "location",
            # Of products.
            "product_id",
            "prestashop_product_id",
            "prestashop_variant_id",
            "sku",
            "name",
            "variant",
            "brand",
            "price",
            "compare_at_price",
            "value",
            "position",
            "tags",
            "url",
            "image_url",
            "product_properties",
            "wishlist_id",
            "wishlist_name",
            "query",
            "results",
            "list_id",
            # Of customers.
            "firstName",
            "lastName",
            "phone",
            "birthday",
            "gender",
            "company",
            "createdAt",
            "customerLifetimeValue",
            "default_address.street",
            "default_address.city",
            "default_address.postalCode",
            "default_address.state",
            "default_address.country",
            "address",
            "newsletter",
            "partner_offers",
            "userConsent",
        )
    ),
    AskedProperty(
        "order_status_url",
        "your own page by `order_id`: PrestaShop's order page asks for a login, and a guest's for the e-mail address",
    ),
    AskedProperty("fbc", "Meta's pixel or Analytics.js: the cookie lives in the browser only"),
    AskedProperty("fbp", "Meta's pixel or Analytics.js: the cookie lives in the browser only"),
    AskedProperty("share_via", _LOG),
)
