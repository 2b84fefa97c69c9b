"""Subscribers: visitors without an account who take the newsletter (module ps_emailsubscription).

A visitor's row is deleted when they unsubscribe in the shop, or open an account with the same address; the back office
switches it off instead. Neither leaves a date.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from poller.core.events import Event, Json, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.streams.accounts import MOST_FLIPS, NEWSLETTER, NEWSLETTER_EVENTS, SUBSCRIBED, UNSUBSCRIBED
from poller.streams.outcome import Outcome, Stream

FEEDS = (Feed(name="emailsubscription", thing="subscriber", kind="tail", optional=True, clock="database"),)
CONFIRMING = timedelta(days=7)
"""So long a row that waits for the visitor's confirmation, or was switched off, is looked at again."""
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(days=1)
"""Between two looks at a row: nothing tells of its end, so it is looked at ever less often, at least once a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberFacts:
    """A visitor's subscription (`emailsubscription`); `at` is when the row was made."""

    subscriber_id: int
    shop_id: int
    email: str
    is_active: bool
    at: datetime | None


def derive(now: datetime, facts: SubscriberFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Subscribed and Unsubscribed, as often as the switch was seen to turn."""
    before: Mapping[str, Any] = json.loads(memory) if memory else {}
    if facts.email.strip().lower() in policy.internal:
        return Outcome()
    flips: list[Sequence[Any]] = list(before.get("news", []))
    is_on = bool(flips) and bool(flips[-1][0])
    if facts.is_active != is_on:
        at = now if before else facts.at
        flips = [*flips, [int(facts.is_active), at.isoformat() if at else ""]][-MOST_FLIPS:]
    after = json.dumps({"shop": facts.shop_id, "news": flips}, separators=(",", ":"))
    age = now - (facts.at or now)
    again = now + min(max(age / 10, SHORTEST_PAUSE), LONGEST_PAUSE) if facts.is_active or age < CONFIRMING else None
    events = tuple(_events(facts.subscriber_id, flips, facts.shop_id, facts.email, policy=policy))
    return Outcome(events=events, memory=after, again=again)


def gone(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """Unsubscribed, when the row of somebody who was subscribed is gone; the address went with it."""
    before: Mapping[str, Any] = json.loads(memory) if memory else {}
    flips: list[Sequence[Any]] = list(before.get("news", []))
    if not flips:
        return Outcome(memory=memory or "")
    if flips[-1][0]:
        flips = [*flips, [0, now.isoformat()]][-MOST_FLIPS:]
    after = json.dumps({"shop": before["shop"], "news": flips}, separators=(",", ":"))
    return Outcome(events=tuple(_events(key, flips, before["shop"], "", policy=policy)), memory=after)


def _events(key: int, flips: Sequence[Sequence[Any]], shop_id: int, email: str, *, policy: Policy) -> Iterator[Event]:
    traits: dict[str, Json] = {"email": email} if email else {}
    who = Who(anonymous_id=anonymous_id(policy.namespace, f"newsletter/{key}"), traits=traits)
    for is_on, at in flips:
        name = SUBSCRIBED if is_on else UNSUBSCRIBED
        if at and name not in policy.disabled:
            yield Event(
                fact=f"subscriber/{key}/{name.lower()}/{at}",
                call="track",
                name=name,
                thing="subscriber",
                key=key,
                occurred_at=datetime.fromisoformat(at),
                who=who,
                properties={**traits, "list_name": NEWSLETTER},
                shop_id=shop_id,
            )


SUBSCRIBERS = Stream(thing="subscriber", feeds=FEEDS, derive=derive, gone=gone, emits=NEWSLETTER_EVENTS)
