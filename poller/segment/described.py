"""What every message carries beside an event's own properties, described like those."""

from poller.core.vocabulary import Property
from poller.streams.described import COUNTERS

MESSAGE = (
    Property(name="type", kind="string", meaning="`track`, `identify` or `page`", source="the call"),
    Property(
        name="event", kind="string", meaning="the event's name", source="`events`, `spelling`", absent="of other calls"
    ),
    Property(
        name="name",
        kind="string",
        meaning="the page's name",
        source="`page_type.name`",
        absent="of other calls than page",
    ),
    Property(name="messageId", kind="string", meaning="names the fact for ever", source="rule: identity"),
    Property(name="timestamp", kind="time", meaning="when it happened", source="the event"),
    Property(
        name="userId", kind="string", meaning="the customer", source="setting `user_id`", absent="null without one"
    ),
    Property(
        name="anonymousId",
        kind="string",
        meaning="whoever made the cart",
        source="rule: identity",
        absent="null in identify calls that no cart led to",
    ),
    Property(name="context", kind="object", meaning="below", source="the poller"),
    Property(
        name="integrations",
        kind="object",
        meaning="which destinations get it",
        source="setting `segment.integrations`, of history `backfill.integrations`",
    ),
    Property(name="properties", kind="object", meaning="the event's", source="the event", absent="of identify calls"),
    Property(name="traits", kind="object", meaning="the customer's", source="the event", absent="of other calls"),
)

CONTEXT = (
    Property(
        name="active",
        kind="boolean",
        meaning="false: history, and no sign that the customer was there",
        source="rule: backfill",
        absent="but in identify calls of a backfill or replay",
    ),
    Property(name="app", kind="object", meaning="`name` and `version` of the poller", source="the poller"),
    Property(name="channel", kind="string", meaning="`server`", source="the poller"),
    Property(
        name="externalIds",
        kind="array",
        meaning="the customer's `prestashop_customer_id`",
        source="`customer.id_customer`",
        absent="without a customer",
    ),
    Property(
        name="campaign",
        kind="object",
        meaning="`name`, `source`, `medium`, `term`, `content`, `id`, as far as the link says",
        source="`connections_source.request_uri`",
        absent="of other events than Link Clicked",
    ),
    Property(
        name="consent",
        kind="object",
        meaning="`categoryPreferences`: by category, whether the customer agreed",
        source="setting `consent`",
        absent="unless the setting names categories, and without a customer",
    ),
    Property(name="library", kind="object", meaning="Segment's library", source="the library"),
    Property(
        name="traits",
        kind="object",
        meaning="the customer's traits, where `traits_in` has `context`",
        source="as in identify",
        absent="without a customer",
    ),
)

ADDED = (
    *COUNTERS,
    Property(
        name="userId", kind="string", meaning="as in the message", source="setting `user_id`", absent="without one"
    ),
    Property(
        name="sent_from",
        kind="string",
        meaning="tells this source from others",
        source="setting `segment.sent_from`",
        absent="if set to nothing",
    ),
    Property(
        name="category",
        kind="string",
        meaning="the same; a product's category where the event is about one product",
        source="setting `segment.event_category`",
        absent="if set to nothing",
    ),
)
"""Among the properties of every track call; where the event has one of that name, its own holds."""

SHORTENED = (
    Property(
        name="products_truncated",
        kind="boolean",
        meaning="true: lines lost detail, or were left out, because the message would exceed Segment's 32 KB",
        source="rule: packing",
        absent="if nothing was lost",
    ),
    Property(
        name="products_count",
        kind="integer",
        meaning="how many lines there were",
        source="rule: packing",
        absent="if nothing was lost",
    ),
    Property(
        name="properties_truncated",
        kind="boolean",
        meaning="true: other texts or properties were cut for the same reason",
        source="rule: packing",
        absent="if nothing was lost",
    ),
)
"""What a message that had to be shortened says of itself."""
