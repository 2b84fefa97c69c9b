"""What the operator chose about the messages themselves: names, where traits go, what is added to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from poller.core.events import Json

TraitsPlace: TypeAlias = Literal["identify", "context", "properties"]
Spelling: TypeAlias = Literal["spec", "xcommerce"]

SPELLINGS: Mapping[Spelling, Mapping[str, str]] = {
    "spec": {},
    "xcommerce": {"Order Cancelled": "Order Canceled"},
}
"""Names that a spelling changes; destinations trigger on the specification's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How events become messages.

    `names` maps the specification's name of an event to the one that is sent. `traits_in` says where a customer's
    traits are put: in the identify call, in every call's `context.traits`, flat among a track call's properties.
    """

    namespace: UUID
    write_key: str = field(repr=False)
    sent_from: str | None = None
    event_category: str | None = None
    integrations: Mapping[str, Json] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    traits_in: frozenset[TraitsPlace] = frozenset({"identify", "context"})


def names_for(spelling: Spelling, renames: Mapping[str, str]) -> dict[str, str]:
    """The names to send: a spelling's, and over them the operator's own."""
    return {**SPELLINGS[spelling], **renames}
