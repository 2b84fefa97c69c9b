"""What is told of whom: the sections that switch events in groups and hold personal data back."""

from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from poller.config.base import Section
from poller.config.values import read_list, read_structure
from poller.streams.registry import event_types

Treatment = Literal["plain", "hash", "none"]
ConsentSource = Literal["newsletter", "partner_offers", "privacy"]
"""What PrestaShop asks a customer: the newsletter, offers of partners, and the data protection module's checkbox."""
Traits = tuple[str, ...] | Literal["all"]


class Groups(Section):
    """Switches for events that belong together; what is said of a single event beside them holds."""

    order: bool = Field(default=True, description="Whether events of orders are sent")
    checkout: bool = Field(default=True, description="Whether events of carts as a whole and their checkout are sent")
    product: bool = Field(default=True, description="Whether events of single products are sent")
    customer: bool = Field(default=True, description="Whether identify calls, sign-ups and sign-ins are sent")
    email: bool = Field(default=True, description="Whether events of e-mails and newsletters are sent")
    page: bool = Field(default=True, description="Whether page views are sent, if they are switched on")


def read_traits(value: object) -> Any:
    """`all`, or a list of names."""
    return value if value == "all" else read_list(value)


def known_traits(names: Traits) -> Traits:
    """Refuse traits that are never sent: an allow-list with a typo would hold back more than was meant."""
    known = [one.name for one in event_types()["identify"].properties]
    for name in () if names == "all" else names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}" if near else f"choose from {', '.join(known)}"
            raise ValueError(f"names a trait that does not exist (`{name}`): {hint}")
    return names


class Privacy(Section):
    """What is told of customers; what is held back here reaches neither Segment nor the outbox."""

    traits: Annotated[Traits, AfterValidator(known_traits), BeforeValidator(read_traits)] = Field(
        default="all", description="Which traits are sent: all, or a list of their names"
    )
    email: Treatment = Field(default="plain", description="E-mail addresses: plain, hash (SHA-256), or none")
    phone: Treatment = Field(default="plain", description="Telephone numbers: plain, hash (SHA-256), or none")
    address: Treatment = Field(default="plain", description="Postal addresses: plain, hash (SHA-256), or none")


def known_consent(categories: dict[str, ConsentSource]) -> dict[str, ConsentSource]:
    """Refuse a category without a name: Segment knows them by it."""
    if any(not name.strip() for name in categories):
        raise ValueError("names a category with nothing: write Advertising: newsletter")
    return categories


Consent = Annotated[dict[str, ConsentSource], AfterValidator(known_consent), BeforeValidator(read_structure)]
"""What a customer's answer to each category is read from."""
