"""What the operator chose about the messages themselves: names, where traits go, what is added to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from poller.core.events import Json
from poller.segment.privacy import Privacy
from poller.streams.registry import event_types

TraitsPlace: TypeAlias = Literal["identify", "context", "properties"]
Spelling: TypeAlias = Literal["spec", "xcommerce"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Two properties of every track call, to tell its events from those of other sources."""

    sent_from: str | None = None
    event_category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How events become messages.

    `names` maps the specification's name of an event to the one that is sent. `traits_in` says where a customer's
    traits are put: in the identify call, in every call's `context.traits`, flat among a track call's properties;
    `privacy` is what is held back of them. `labels` are those of shops that have their own.
    `is_historical`: what is told is long past, so that an identify call may not count as a sign of life
    (`context.active`).
    """

    namespace: UUID
    write_key: str = field(repr=False)
    sent_from: str | None = None
    event_category: str | None = None
    integrations: Mapping[str, Json] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    traits_in: frozenset[TraitsPlace] = frozenset({"identify", "context"})
    privacy: Privacy = field(default_factory=Privacy)
    is_historical: bool = False
    labels: Mapping[int, Labels] = field(default_factory=dict)

    def labels_of(self, shop_id: int) -> Labels:
        """A shop's labels: its own, else those of all."""
        return self.labels.get(shop_id) or Labels(sent_from=self.sent_from, event_category=self.event_category)


def names_for(spelling: Spelling, renames: Mapping[str, str]) -> dict[str, str]:
    """The names to send: a spelling's, and over them the operator's own.

    Destinations trigger on the specification's names; Xcommerce's tables spell some of them otherwise.
    """
    spelt = {event.name: event.xcommerce for event in event_types().values() if event.xcommerce}
    return {**(spelt if spelling == "xcommerce" else {}), **renames}
