"""Searches in the shop (module statssearch): what for, and how much was found; the table does not say by whom."""

from dataclasses import dataclass
from datetime import datetime

from poller.core.events import Event, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Property
from poller.streams.outcome import Outcome, Stream, forget

SEARCHED = "Products Searched"
FEEDS = (Feed(name="statssearch", thing="search", kind="tail", optional=True, is_emptied=True, clock="database"),)
EVENTS = (
    EventType(
        name=SEARCHED,
        group="product",
        one_for="page of search results",
        happened="when it was searched",
        properties=(
            Property(name="query", kind="string", meaning="what was searched", source="`statssearch.keywords`"),
            Property(name="results", kind="integer", meaning="how much was found", source="`statssearch.results`"),
        ),
        needs=("statssearch",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFacts:
    """A search (`statssearch`), dated by the database's clock."""

    search_id: int
    shop_id: int
    query: str
    results: int
    at: datetime | None


def searcher(policy: Policy, shop_id: int) -> str:
    """The anonymousId of all who search in a shop: one for each search would count, and cost, as a user each."""
    return f"unknown-searcher-{anonymous_id(policy.namespace, f'searches/{shop_id}')}"


def derive(now: datetime, facts: SearchFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Products Searched. The table may be emptied, and its ids begin again: so the time is part of the fact's name."""
    del now, memory
    if not facts.query or facts.at is None or SEARCHED in policy.disabled:
        return Outcome()
    event = Event(
        fact=f"search/{facts.search_id}/{facts.at.isoformat()}",
        call="track",
        name=SEARCHED,
        thing="search",
        key=facts.search_id,
        occurred_at=facts.at,
        who=Who(anonymous_id=searcher(policy, facts.shop_id)),
        properties={"query": facts.query, "results": facts.results},
        shop_id=facts.shop_id,
    )
    return Outcome(events=(event,))


SEARCHES = Stream(thing="search", feeds=FEEDS, derive=derive, gone=forget, emits=EVENTS, is_logbook=True)
