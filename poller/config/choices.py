"""What the settings say of each event: whether it is sent, and under which name."""

from poller.config.settings import Settings
from poller.core.vocabulary import EventType
from poller.segment.wire import names_for
from poller.streams.registry import event_types
from poller.streams.visits.described import PAGE_VIEWS

OFF = "The poller is switched off: nothing is read from the shop, and nothing is sent."
OFF_HINT = "Set `active: true` and restart: what happened meanwhile is then told."


def disabled_events(settings: Settings) -> frozenset[str]:
    """The specification names of the events that are not sent.

    What is said of a single event holds; else its group must be on, page views too if it
    is one, and the event one that is sent by default.
    """
    return frozenset(name for name, event in event_types().items() if not _is_sent(event, settings))


def _is_sent(event: EventType, settings: Settings) -> bool:
    choice = settings.events.get(event.name)
    if choice is not None and choice.enabled is not None:
        return choice.enabled
    if event.name in PAGE_VIEWS and not settings.track_page_views:
        return False
    is_on: bool = getattr(settings.groups, event.group)
    return is_on and event.is_on


def event_names(settings: Settings) -> dict[str, str]:
    """The names to send, of those events that are not sent under the specification's."""
    renames = {name: choice.name for name, choice in settings.events.items() if choice.name}
    return names_for(settings.spelling, renames)
