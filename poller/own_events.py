"""The operator's own events: settings and SQL files become sources in the shop's database, and streams."""

from collections.abc import Mapping
from pathlib import Path

from poller.config import Settings
from poller.shop.custom_files import CustomSource, read_custom
from poller.shop.database import ShopDatabase
from poller.streams.custom import CustomEvent, stream_of
from poller.streams.outcome import Stream
from poller.streams.registry import STREAMS


def make_custom(settings: Settings) -> Mapping[str, CustomSource]:
    """The custom events that are on, by their names, with what their files hold."""
    return {
        name: read_custom(
            CustomEvent(
                name=name,
                event=choice.event,
                group=choice.group,
                clock=choice.clock,
                properties=choice.properties,
                ids=frozenset(choice.ids),
                money=frozenset(choice.money),
            ),
            choice.file or Path(f"{name}.sql"),
        )
        for name, choice in settings.custom_events.items()
        if (getattr(settings.groups, choice.group) if choice.enabled is None else choice.enabled)
    }


def streams_of(shop: ShopDatabase) -> tuple[Stream, ...]:
    """Every stream: those of the registry, and after them the operator's own."""
    return *STREAMS, *(stream_of(source.event) for source in shop.custom_events.values())
