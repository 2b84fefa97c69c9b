"""What the settings say of each event: whether it is sent, and under which name."""

from poller.config.settings import Settings
from poller.segment.wire import names_for


def disabled_events(settings: Settings) -> frozenset[str]:
    """The specification names of the events that are switched off."""
    return frozenset(name for name, choice in settings.events.items() if not choice.enabled)


def event_names(settings: Settings) -> dict[str, str]:
    """The names to send, of those events that are not sent under the specification's."""
    renames = {name: choice.name for name, choice in settings.events.items() if choice.name}
    return names_for(settings.spelling, renames)
