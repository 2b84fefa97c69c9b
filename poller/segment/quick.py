"""From an event to its text in one pass, for events of which nothing has to be left out or shortened: nearly all.

What it writes is what Segment's library would have built, letter by letter; a test compares the two on thousands of
events. Whatever is out of the ordinary it leaves to the library (None): it decides by the text it has written.
"""

from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from json import JSONEncoder
from uuid import UUID

from segment.analytics.version import VERSION

from poller.core.events import Event, Json, Who
from poller.core.packing import MESSAGE_BYTES, SMALLEST_ROOM, Plain
from poller.segment.plain import sendable
from poller.segment.privacy import Privacy
from poller.segment.wire import Wire

_LIBRARY = f'"library": {{"name": "analytics-python", "version": "{VERSION}"}}'


def _is_odd(text: str) -> bool:
    """Whether something is absent, empty, or half a letter: the library's way leaves it out or replaces it."""
    return "null" in text or '""' in text or "{}" in text or "\\ud" in text


def _number(value: object) -> float:
    """Money as the JSON number it becomes; anything else is not for this way."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError


_encode = JSONEncoder(allow_nan=False, default=_number).encode


class QuickText:
    """Writes messages; `context` is what each message's context begins with, as `integrations` is a JSON object."""

    def __init__(self, wire: Wire, *, context: Mapping[str, Plain], integrations: Mapping[str, Plain]) -> None:
        self._wire = wire
        self._is_for_library = "properties" in wire.traits_in or wire.privacy != Privacy()
        self._integrations = _encode(dict(integrations))
        self._context = _encode(dict(context))[:-1]
        self._names = {name: _encode(sent) for name, sent in wire.names.items()}
        self._who: Who | None = None
        self._traits = ""
        self._about = ""
        self._is_unusual = False

    def text(self, event: Event, identity: UUID) -> str | None:
        """The message, or None where the library's own way has to build it."""
        if self._is_for_library or event.call == "page" or event.context:
            return None
        try:
            text = self._written(event, identity)
        except (TypeError, ValueError):
            return None
        return text if text is not None and len(text) <= MESSAGE_BYTES else None

    def _written(self, event: Event, identity: UUID) -> str | None:
        who = event.who
        if who is not self._who:
            self._meet(who)
        body = self._identified(event) if event.call == "identify" else _encode(self._properties(event))
        if self._is_unusual or _is_odd(body):
            return None
        anonymous = _encode(who.anonymous_id or None)
        user = _encode(sendable(who.user_id) if who.user_id else None)
        at = event.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds")
        start = f'{{"integrations": {self._integrations}, "anonymousId": {anonymous}, '
        if event.call == "identify":
            active = '"active": false, ' if self._wire.is_historical else ""
            return (
                f'{start}"timestamp": "{at}", "context": {self._context}, {active}{self._about}{_LIBRARY}}}, '
                f'"type": "identify", "userId": {user}, "traits": {body}, "messageId": "{identity}"}}'
            )
        name = self._names.get(event.name) or self._named(event.name)
        return (
            f'{start}"properties": {body}, "timestamp": "{at}", "context": {self._context}, {self._about}{_LIBRARY}}}, '
            f'"userId": {user}, "type": "track", "event": {name}, "messageId": "{identity}"}}'
        )

    def _named(self, name: str) -> str:
        self._names[name] = _encode(name)
        return self._names[name]

    def _meet(self, who: Who) -> None:
        """Write what all events about somebody share: an order event comes with its identify call."""
        self._who = None
        self._traits = _encode(dict(who.traits))
        odd = bool(who.traits) and _is_odd(self._traits)
        self._is_unusual = odd or len(self._traits) > SMALLEST_ROOM
        self._about = ""
        if who.customer_id is not None:
            self._about = (
                f'"externalIds": [{{"id": "{who.customer_id}", "type": "prestashop_customer_id", '
                '"collection": "users", "encoding": "none"}], '
            )
        if consent := who.traits.get("userConsent"):
            self._about += f'"consent": {{"categoryPreferences": {_encode(consent)}}}, '
        if who.traits and "context" in self._wire.traits_in:
            self._about += f'"traits": {self._traits}, '
        self._who = who

    def _identified(self, event: Event) -> str:
        """The traits of an identify call; what the event says itself stands over what is known of the customer."""
        own, known = event.properties, event.who.traits
        if "identify" not in self._wire.traits_in or not known:
            return _encode(dict(own))
        if not own:
            return self._traits
        if own.keys() & known.keys():
            return _encode({**known, **own})
        return f"{self._traits[:-1]}, {_encode(dict(own))[1:]}"

    def _properties(self, event: Event) -> dict[str, Json]:
        found = dict(event.properties)
        if event.who.user_id:
            found.setdefault("userId", sendable(event.who.user_id))
        labels = self._wire.labels_of(event.shop_id)
        for name, value in (("sent_from", labels.sent_from), ("category", labels.event_category)):
            if value:
                found.setdefault(name, sendable(value))
        return found
