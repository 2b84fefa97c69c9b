"""Settings become the parts of an App: the edges behind the engine's ports."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from poller.config import Settings
from poller.config.choices import disabled_events, event_names
from poller.config.shops import ShopChoice
from poller.core.identity import namespace_for
from poller.core.policy import Policy, UserId
from poller.core.shops import DEFAULT, ShopSet, Source
from poller.engine.allowance import Allowance
from poller.engine.deliver import Deliver
from poller.engine.dispatch import Dispatch
from poller.engine.pages import LIVE
from poller.engine.poll import START_GRACE
from poller.own_events import make_custom
from poller.ports import Clock
from poller.segment.compose import MessageComposer
from poller.segment.post import SegmentSender
from poller.segment.privacy import Privacy
from poller.segment.wire import Labels, Wire
from poller.shop.database import ShopDatabase
from poller.shop.encryption import Encryption
from poller.shop.people import CustomField
from poller.shop.session import make_engine
from poller.state.store import StateStore

NAMESPACE = "namespace"
FIRST_RUN = "first_run"
CONNECT_TIMEOUT = 5.0


def make_shop(settings: Settings) -> ShopDatabase:
    """The shop's database, not yet connected."""
    engine = make_engine(
        settings.shop.sqlalchemy_url(),
        statement_timeout=settings.shop.statement_timeout,
        encryption=Encryption(settings.shop.tls, settings.shop.tls_ca),
    )
    choice = settings.user_id
    custom = CustomField(choice.table, choice.column, choice.customer_column) if choice.source == "custom" else None
    return ShopDatabase(
        engine,
        prefix=settings.shop.prefix,
        timezone=settings.shop.timezone,
        language=settings.language,
        languages=settings.shop_languages(),
        custom=custom,
        events=make_custom(settings),
        consent=settings.consent,
    )


def make_senders(settings: Settings) -> Mapping[Source, SegmentSender]:
    """The way to each source in Segment, not yet taken; shops with the same key and host share one.

    A shop that is switched off keeps its source: what waits for it was told while it was on.
    """
    usual = settings.segment.write_key.get_secret_value(), settings.segment.host
    shops: dict[tuple[str, str], set[int]] = {}
    for shop_id, choice in sorted(settings.shop_choices().items()):
        key = choice.write_key.get_secret_value() if choice.write_key else usual[0]
        way = key, choice.host or usual[1]
        if way != usual:
            shops.setdefault(way, set()).add(shop_id)
    named = frozenset(shop_id for some in shops.values() for shop_id in some)
    ways = {usual: Source(DEFAULT, ShopSet(but=named))}
    ways |= {way: Source(f"shop {min(some)}", ShopSet(only=frozenset(some))) for way, some in shops.items()}
    timeout = CONNECT_TIMEOUT, settings.segment.timeout.total_seconds()
    is_direct = settings.segment.transport == "direct"
    return {
        source: SegmentSender(key, host=host, timeout=timeout, is_direct=is_direct)
        for (key, host), source in ways.items()
    }


def find_sources(settings: Settings) -> Sequence[Source]:
    """The sources that messages go to."""
    return tuple(make_senders(settings))


def make_dispatch(senders: Mapping[Source, SegmentSender], state: StateStore, clock: Clock, *, rate: int) -> Dispatch:
    """What delivers to every source; they share one rate, for they may be of one workspace."""
    dice = random.SystemRandom().random
    allowance = Allowance(rate, clock)
    return Dispatch(
        [
            Deliver(state, sender, clock, rate_limit=rate, dice=dice, source=source, allowance=allowance)
            for source, sender in senders.items()
        ]
    )


def find_namespace(settings: Settings, state: StateStore | None, shop: ShopDatabase) -> UUID:
    """The installation's own namespace: configured, or drawn from the shop once and kept for ever.

    Without a state that can be written it is only worked out: a preview names the ids that would be sent.
    """
    if settings.namespace:
        return settings.namespace
    kept = state.meta(NAMESPACE) if state else None
    return UUID(kept) if kept else namespace_for(shop.identity())


def find_first_run(state: StateStore, now: datetime) -> datetime:
    """When the poller first ran on this state: now, if it never did."""
    return datetime.fromisoformat(state.claim_meta(FIRST_RUN, (now - START_GRACE).isoformat()))


def known_first_run(state: StateStore, now: datetime) -> datetime:
    """The same without a note of it: of a state that is only looked at."""
    kept = state.meta(FIRST_RUN)
    return datetime.fromisoformat(kept) if kept else now - START_GRACE


def make_policy(settings: Settings, namespace: UUID, *, first_run: datetime | None = None) -> Policy:
    """What deriving depends on."""
    return Policy(
        namespace=namespace,
        completed_when=settings.order_completed_when,
        settle=settings.settle,
        cart_settle=settings.cart_settle,
        user_id=_user_id(settings),
        internal=frozenset(str(customer).strip().lower() for customer in settings.internal_customers),
        disabled=disabled_events(settings),
        shops=make_shop_set(settings),
        first_run=first_run,
    )


def policy_of(settings: Settings, state: StateStore, shop: ShopDatabase, now: datetime) -> Policy:
    """The policy of a run on this state, which keeps when the first one was."""
    namespace = find_namespace(settings, state, shop)
    return make_policy(settings, namespace, first_run=find_first_run(state, now))


def make_privacy(settings: Settings) -> Privacy:
    """What is held back of customers."""
    choice = settings.privacy
    return Privacy(
        traits=None if choice.traits == "all" else frozenset(choice.traits),
        email=choice.email,
        phone=choice.phone,
        address=choice.address,
        has_snake_case=settings.snake_case_traits,
    )


def _user_id(settings: Settings) -> UserId:
    choice = settings.user_id
    prefixes = {
        shop_id: shop.user_id_prefix
        for shop_id, shop in settings.shop_choices().items()
        if shop.user_id_prefix is not None
    }
    return UserId(source=choice.source, prefix=choice.prefix, hash=choice.hash, prefixes=prefixes)


def make_shop_set(settings: Settings) -> ShopSet:
    """The shops whose events are sent."""
    choices = settings.shop_choices()
    if settings.has_other_shops:
        return ShopSet(but=frozenset(shop_id for shop_id, shop in choices.items() if not shop.enabled))
    return ShopSet(only=frozenset(shop_id for shop_id, shop in choices.items() if shop.enabled))


def make_composer(settings: Settings, namespace: UUID, *, is_historical: bool = False) -> MessageComposer:
    """What turns events into messages; those of history may be for other destinations."""
    history = settings.backfill.integrations if is_historical else {}
    wire = Wire(
        namespace=namespace,
        write_key=settings.segment.write_key.get_secret_value(),
        sent_from=settings.segment.sent_from or None,
        event_category=settings.segment.event_category or None,
        integrations=history or settings.segment.integrations,
        is_historical=is_historical,
        names=event_names(settings),
        traits_in=frozenset(settings.traits_in),
        privacy=make_privacy(settings),
        labels={shop_id: _labels(settings, shop) for shop_id, shop in settings.shop_choices().items()},
    )
    return MessageComposer(wire)


def _labels(settings: Settings, shop: ShopChoice) -> Labels:
    """A shop's own labels, and of all shops those it has not."""
    usual = settings.segment
    sent_from = usual.sent_from if shop.sent_from is None else shop.sent_from
    category = usual.event_category if shop.event_category is None else shop.event_category
    return Labels(sent_from=sent_from or None, event_category=category or None)


def lock_name(lane: str) -> str:
    """A lane's lock: part of a file name."""
    return lane if lane == LIVE else f"backfill-{blake2b(lane.encode(), digest_size=6).hexdigest()}"
