"""Settings become the parts of an App: the edges behind the engine's ports."""

from hashlib import blake2b
from uuid import UUID

from poller.config import Settings
from poller.config.choices import disabled_events, event_names
from poller.core.identity import namespace_for
from poller.core.policy import Policy, UserId
from poller.engine.pages import LIVE
from poller.segment.compose import MessageComposer
from poller.segment.post import SegmentSender
from poller.segment.privacy import Privacy
from poller.segment.wire import Wire
from poller.shop.database import ShopDatabase
from poller.shop.people import CustomField
from poller.shop.session import make_engine
from poller.state.store import StateStore

NAMESPACE = "namespace"
CONNECT_TIMEOUT = 5.0


def make_shop(settings: Settings) -> ShopDatabase:
    """The shop's database, not yet connected."""
    engine = make_engine(settings.shop.sqlalchemy_url(), statement_timeout=settings.shop.statement_timeout)
    choice = settings.user_id
    custom = CustomField(choice.table, choice.column, choice.customer_column) if choice.source == "custom" else None
    return ShopDatabase(
        engine,
        prefix=settings.shop.prefix,
        timezone=settings.shop.timezone,
        language=settings.language,
        custom=custom,
    )


def make_sender(settings: Settings) -> SegmentSender:
    """The way to Segment, not yet taken."""
    return SegmentSender(
        settings.segment.write_key.get_secret_value(),
        host=settings.segment.host,
        timeout=(CONNECT_TIMEOUT, settings.segment.timeout.total_seconds()),
    )


def find_namespace(settings: Settings, state: StateStore | None, shop: ShopDatabase) -> UUID:
    """The installation's own namespace: configured, or drawn from the shop once and kept for ever.

    Without a state that can be written it is only worked out: a preview names the ids that would be sent.
    """
    if settings.namespace:
        return settings.namespace
    kept = state.meta(NAMESPACE) if state else None
    return UUID(kept) if kept else namespace_for(shop.identity())


def make_policy(settings: Settings, namespace: UUID) -> Policy:
    """What deriving depends on."""
    return Policy(
        namespace=namespace,
        completed_when=settings.order_completed_when,
        settle=settings.settle,
        user_id=UserId(source=settings.user_id.source, prefix=settings.user_id.prefix, hash=settings.user_id.hash),
        internal=frozenset(str(customer).strip().lower() for customer in settings.internal_customers),
        disabled=disabled_events(settings),
    )


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


def make_composer(settings: Settings, namespace: UUID) -> MessageComposer:
    """What turns events into messages."""
    wire = Wire(
        namespace=namespace,
        write_key=settings.segment.write_key.get_secret_value(),
        sent_from=settings.segment.sent_from or None,
        event_category=settings.segment.event_category or None,
        integrations=settings.segment.integrations,
        names=event_names(settings),
        traits_in=frozenset(settings.traits_in),
        privacy=make_privacy(settings),
    )
    return MessageComposer(wire)


def lock_name(lane: str) -> str:
    """A lane's lock: part of a file name."""
    return lane if lane == LIVE else f"backfill-{blake2b(lane.encode(), digest_size=6).hexdigest()}"
