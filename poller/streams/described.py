"""What streams say of a customer in the same words: the traits, the lifetime counters, the identify call."""

from poller.core.vocabulary import EventType, Property

_FEW = "without a customer, or with more than 2,000 orders"
COUNTERS = (
    Property(
        name="lifetime_revenue_xcommerce",
        kind="number",
        meaning="what the customer was worth as of the event, in the shop's default currency",
        source="valid orders at `orders.total_paid_tax_incl` / `orders.conversion_rate`, less their credit slips",
        absent=_FEW,
    ),
    Property(
        name="purchase_count_xcommerce",
        kind="integer",
        meaning="the customer's valid orders as of the event",
        source="`orders.valid`; of earlier states `order_state.logable`",
        absent=_FEW,
    ),
)
"""On every event with a known customer, whatever its stream; the rule is in docs/explanation/money.md."""

_PLACE = (
    Property(
        name="street",
        kind="string",
        meaning="both lines",
        source="`address.address1`, `address.address2`",
        absent="if empty",
    ),
    Property(name="city", kind="string", meaning="the city", source="`address.city`", absent="if empty"),
    Property(name="postalCode", kind="string", meaning="the postcode", source="`address.postcode`", absent="if empty"),
    Property(name="state", kind="string", meaning="its name", source="`state.name`", absent="without one"),
    Property(
        name="country", kind="string", meaning="its ISO code", source="`country.iso_code`", absent="if it is deleted"
    ),
)

TRAITS = (
    Property(name="email", kind="string", meaning="the address", source="`customer.email`", absent="if empty"),
    Property(
        name="firstName", kind="string", meaning="the first name", source="`customer.firstname`", absent="if empty"
    ),
    Property(name="lastName", kind="string", meaning="the last name", source="`customer.lastname`", absent="if empty"),
    Property(
        name="phone",
        kind="string",
        meaning="mobile, else landline, of the newest address",
        source="`address.phone_mobile`, `address.phone`",
        absent="if empty",
    ),
    Property(name="birthday", kind="date", meaning="`1990-02-28`", source="`customer.birthday`", absent="if unknown"),
    Property(
        name="gender",
        kind="string",
        meaning="`male` or `female`",
        source="`gender.type` by `customer.id_gender`",
        absent="if neither",
    ),
    Property(
        name="company",
        kind="object",
        meaning="where they work",
        source="`customer.company`, else `address.company`",
        absent="if empty",
        fields=(
            Property(name="name", kind="string", meaning="the company", source="`customer.company`, `address.company`"),
        ),
    ),
    Property(
        name="createdAt",
        kind="time",
        meaning="when the customer registered",
        source="`customer.date_add`",
        absent="if unknown",
    ),
    Property(name="newsletter", kind="boolean", meaning="wants the newsletter", source="`customer.newsletter`"),
    Property(name="partner_offers", kind="boolean", meaning="wants offers of partners", source="`customer.optin`"),
    Property(name="is_guest", kind="boolean", meaning="ordered without an account", source="`customer.is_guest`"),
    Property(
        name="userConsent",
        kind="object",
        meaning="by category, whether the customer agreed: true or false; also in `context.consent`",
        source="setting `consent`: `customer.newsletter`, `customer.optin`, `psgdpr_log.request_type`",
        absent="unless the setting names categories",
    ),
    Property(
        name="prestashop_customer_id_xcommerce",
        kind="string",
        meaning="the customer",
        source="`customer.id_customer`",
    ),
    Property(
        name="address",
        kind="object",
        meaning="the newest address in use",
        source="`address`",
        absent="without one",
        fields=_PLACE,
    ),
    Property(
        name="default_address",
        kind="object",
        meaning="the same",
        source="`address`",
        absent="without one",
        fields=_PLACE,
    ),
)
"""A customer's traits, by Segment's reserved names where it has one (spec/identify)."""

IDENTIFY = EventType(
    name="identify",
    call="identify",
    group="customer",
    one_for="order event; change of a customer's traits; login that gives an anonymous cart its customer",
    happened="with the event; when the customer was saved, or the change was noticed; when the cart was saved",
    properties=(
        *TRAITS,
        *COUNTERS,
        Property(
            name="customerLifetimeValue",
            kind="number",
            meaning="equals `lifetime_revenue_xcommerce`",
            source=COUNTERS[0].source,
            absent=_FEW,
        ),
    ),
)
"""Emitted by every stream that has a customer; the call that goes with an order event comes just before it."""
