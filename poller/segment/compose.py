"""From an event to the very text that will go out, as Segment's own library builds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import ROUND_HALF_UP
from typing import Any
from uuid import UUID

from segment.analytics.client import Client
from segment.analytics.request import DatetimeSerializer

from poller import __version__
from poller.core.events import Event
from poller.core.identity import message_id
from poller.core.packing import MESSAGE_BYTES, SMALLEST_ROOM, Plain, fit
from poller.errors import BugError
from poller.ports import Outgoing
from poller.segment.library import tame
from poller.segment.plain import plain, sendable
from poller.segment.quick import QuickText
from poller.segment.wire import Wire

APP = "prestashop-segment-poller"
EXTERNAL_ID = "prestashop_customer_id"
CONSENT = "userConsent"
"""The trait that is also the message's consent (spec/common: context.consent)."""
_SENDER: Mapping[str, Plain] = {"app": {"name": APP, "version": __version__}, "channel": "server"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a message says, before the library makes a message of it; `body` are its properties or its traits."""

    event: Event
    id: UUID
    context: Mapping[str, Plain]
    body: Mapping[str, Plain]


class MessageComposer:
    """ports.Composer by Segment's library; without a queue, a thread or a connection of it."""

    def __init__(self, wire: Wire) -> None:
        tame()
        self._wire = wire
        self._integrations = plain(wire.integrations, of="segment.integrations")
        self._client = Client(wire.write_key, send=False, sync_mode=True)
        self._quick = QuickText(wire, context=_SENDER, integrations=self._integrations)

    def compose(self, event: Event) -> Outgoing:
        """Build the message; what exceeds Segment's limit loses detail in the order core.packing fixes.

        `Outgoing.name` stays the specification's name, whatever name is sent, so that renaming an event does not split
        its past from its future. `Outgoing.amount_minor` counts hundredths whatever the currency (a yen is 100).
        """
        identity = message_id(self._wire.namespace, event.fact)
        return Outgoing(
            message_id=identity,
            name=event.name,
            thing=event.thing,
            key=event.key,
            customer_id=event.who.customer_id,
            occurred_at=event.occurred_at,
            text=self._quick.text(event, identity) or self.text_by_library(event, identity),
            amount_minor=_hundredths(event),
            currency=event.currency,
            shop_id=event.shop_id,
        )

    def text_by_library(self, event: Event, identity: UUID) -> str:
        """The message as the library itself builds it: for what is out of the ordinary, and to compare with."""
        traits = self._wire.privacy.of_traits(plain(event.who.traits, of=event.fact))
        return self._text(
            _Content(event=event, id=identity, context=self._context(event, traits), body=self._body(event, traits))
        )

    def _body(self, event: Event, traits: Mapping[str, Plain]) -> dict[str, Plain]:
        """A track or page call's properties, or an identify call's traits."""
        own = plain(event.properties, of=event.fact)
        privacy = self._wire.privacy
        own = privacy.of_traits(own) if event.call == "identify" else privacy.of_properties(own)
        if event.call == "identify":
            return {**traits, **own} if "identify" in self._wire.traits_in else own
        labels = self._wire.labels_of(event.shop_id)
        added = {
            "userId": event.who.user_id,
            "sent_from": labels.sent_from,
            "category": labels.event_category,
        }
        for source in (plain(added, of=event.fact), traits if "properties" in self._wire.traits_in else {}):
            own |= {name: value for name, value in source.items() if name not in own}
        return own

    def _context(self, event: Event, traits: Mapping[str, Plain]) -> dict[str, Plain]:
        found: dict[str, Plain] = dict(_SENDER)
        if self._wire.is_historical and event.call == "identify":
            found["active"] = False
        if event.who.customer_id is not None:
            external = {
                "id": str(event.who.customer_id),
                "type": EXTERNAL_ID,
                "collection": "users",
                "encoding": "none",
            }
            found["externalIds"] = [external]
        if consent := event.who.traits.get(CONSENT):
            found["consent"] = {"categoryPreferences": plain({CONSENT: consent}, of=event.fact)[CONSENT]}
        found |= plain(event.context, of=event.fact)
        if traits and "context" in self._wire.traits_in:
            found["traits"] = fit(traits, SMALLEST_ROOM)
        return found

    def _text(self, content: _Content) -> str:
        text = self._built(content, content.body)
        if text is not None:
            return text
        frame = self._built(content, {})
        room = MESSAGE_BYTES - len(frame) + len("{}") if frame else 0
        text = self._built(content, fit(content.body, room)) if room >= SMALLEST_ROOM else None
        if text is None:
            raise BugError(f"{content.event.fact}: the ids and names alone exceed Segment's limit for a message.")
        return text

    def _built(self, content: _Content, body: Mapping[str, Plain]) -> str | None:
        """The message's text, None if it is too long for one message."""
        try:
            message = self._message(content, body)
        except RuntimeError:  # so the library says "too long", with the whole message in its arguments
            return None
        text = json.dumps(message, cls=DatetimeSerializer, allow_nan=False)
        return text if len(text) <= MESSAGE_BYTES else None

    def _message(self, content: _Content, body: Mapping[str, Plain]) -> dict[str, Any]:
        """The library's canonical message; everything handed over is a copy, since it writes into its arguments."""
        event, who = content.event, content.event.who
        common: dict[str, Any] = {
            "user_id": sendable(who.user_id) if who.user_id else None,
            "anonymous_id": who.anonymous_id or None,
            "timestamp": event.occurred_at.astimezone(UTC),
            "context": dict(content.context),
            "integrations": dict(self._integrations),
            "message_id": str(content.id),
        }
        message: dict[str, Any]
        if event.call == "identify":
            _, message = self._client.identify(traits=dict(body), **common)
        elif event.call == "page":
            named = str(body.get("name") or "") or None
            _, message = self._client.page(name=named, properties=dict(body), **common)
        else:
            name = self._wire.names.get(event.name, event.name)
            _, message = self._client.track(event=name, properties=dict(body), **common)
        return message


def _hundredths(event: Event) -> int | None:
    if event.amount is None:
        return None
    if not event.amount.is_finite():
        raise BugError(f"{event.fact}: the amount is not a finite number.")
    return int(event.amount.scaleb(2).to_integral_value(ROUND_HALF_UP))
