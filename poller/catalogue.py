"""The catalogue as this installation sends it: every event with its name, its switch and its schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from poller.config import Settings
from poller.config.choices import disabled_events, event_names
from poller.core.vocabulary import EventType, Property
from poller.own_events import make_custom
from poller.segment.described import ADDED
from poller.segment.schemas import file_name, schema
from poller.streams.catalogue import entries
from poller.streams.custom import described
from poller.streams.described import TRAITS
from poller.streams.registry import event_types


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedEvent:
    """One event.

    `sent_as` is its name in the messages, `answer` whether it is sent at all, `instead` what to use if it is not.
    """

    name: str
    sent_as: str
    call: str
    group: str
    answer: str
    one_for: str
    happened: str
    needs: Sequence[str]
    instead: str
    properties: Sequence[Property]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What would be sent; without settings, by their defaults."""

    names: Mapping[str, str] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    has_traits_among_properties: bool = False
    own: Sequence[EventType] = ()

    @classmethod
    def configured(cls, settings: Settings) -> Self:
        """As the settings have it."""
        return cls(
            names=event_names(settings),
            disabled=disabled_events(settings),
            has_traits_among_properties="properties" in settings.traits_in,
            own=[described(source.event) for source in make_custom(settings).values()],
        )

    def events(self) -> tuple[CataloguedEvent, ...]:
        """Every event that is sent or asked for."""
        return tuple(
            CataloguedEvent(
                name=entry.name,
                sent_as=self.names.get(entry.name, entry.name),
                call=entry.event.call if entry.event else "track",
                group=entry.group,
                answer="switched off" if entry.event and entry.name in self.disabled else entry.answer,
                one_for=entry.event.one_for if entry.event else "",
                happened=entry.event.happened if entry.event else "",
                needs=entry.event.needs if entry.event else (),
                instead=entry.instead,
                properties=_whole(entry.event) if entry.event else (),
            )
            for entry in entries(self._emitted())
        )

    def _emitted(self) -> dict[str, EventType]:
        """What the streams emit, and after it the operator's own events."""
        return event_types() | {event.name: event for event in self.own}

    def schemas(self) -> dict[str, Any]:
        """The JSON Schema of every event that is sent, by file name."""
        traits = TRAITS if self.has_traits_among_properties else ()
        return {
            file_name(event): schema(event, name=self.names.get(event.name, event.name), traits=traits)
            for event in self._emitted().values()
            if event.name not in self.disabled
        }


def _whole(event: EventType) -> tuple[Property, ...]:
    own = {one.name for one in event.properties}
    added = () if event.call == "identify" else ADDED
    return *event.properties, *(one for one in added if one.name not in own)
