"""Who a visitor is: the customer their row names, and an anonymous id that their cart's own events have too."""

from poller.core.events import Who
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.streams.customers import CustomerFacts, traits, user_id


def who_of(guest_id: int, cart_id: int, customer_id: int, customer: CustomerFacts | None, *, policy: Policy) -> Who:
    """By the cart they had by then; before they had one, by their own number, which is all there is (`guest`)."""
    origin = f"cart/{cart_id}" if cart_id else f"guest/{guest_id}"
    return Who(
        user_id=user_id(customer, policy.user_id) if customer else None,
        anonymous_id=anonymous_id(policy.namespace, origin),
        customer_id=customer_id or None,
        traits=traits(customer) if customer else {},
    )
