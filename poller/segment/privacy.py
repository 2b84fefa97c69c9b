"""What is held back of a customer before a message is made: neither Segment nor the outbox ever sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, TypeAlias

from poller.core.packing import Plain

Treatment: TypeAlias = Literal["plain", "hash", "none"]
EMAIL, PHONE, ADDRESS = "email", "phone", "address"
_PARTS: Mapping[str, str] = {
    "email": EMAIL,
    "phone": PHONE,
    "address": ADDRESS,
    "default_address": ADDRESS,
    "location": ADDRESS,
}
"""The traits and properties that are held back, and by which choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the operator holds back.

    `traits` are those that may be sent, None for all. `email`, `phone` and `address` hold wherever these stand, among
    traits or properties. `has_snake_case` adds first_name beside firstName, and so on, for destinations that read only
    those.
    """

    traits: frozenset[str] | None = None
    email: Treatment = "plain"
    phone: Treatment = "plain"
    address: Treatment = "plain"
    has_snake_case: bool = False

    def of_traits(self, traits: Mapping[str, Plain]) -> dict[str, Plain]:
        """The traits as they may be sent."""
        kept = {name: value for name, value in traits.items() if self.traits is None or name in self.traits}
        shown = self.of_properties(kept)
        return _with_snake_case(shown) if self.has_snake_case else shown

    def of_properties(self, properties: Mapping[str, Plain]) -> dict[str, Plain]:
        """The properties as they may be sent: only e-mail, telephone and address are personal among them."""
        found: dict[str, Plain] = {}
        for name, value in properties.items():
            treatment: Treatment = getattr(self, _PARTS[name]) if name in _PARTS else "plain"
            if treatment != "none":
                found[name] = value if treatment == "plain" else _hashed(value, is_phone=name == PHONE)
        return found


def _hashed(value: Plain, *, is_phone: bool = False) -> Plain:
    """SHA-256 of the trimmed, lower-cased text, as advertising destinations expect; of a number, digits and plus only.

    Of an address, each part by itself.
    """
    if isinstance(value, Mapping):
        return {name: _hashed(inner) for name, inner in value.items()}
    text = re.sub(r"[^\d+]", "", str(value)) if is_phone else str(value).strip().lower()
    return sha256(text.encode()).hexdigest()


def _with_snake_case(traits: Mapping[str, Plain]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name, value in traits.items():
        found[name] = _with_snake_case(value) if isinstance(value, Mapping) else value
    copies = {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): value for name, value in found.items()}
    return copies | found
