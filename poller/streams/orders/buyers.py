"""Who bought: whom an order's events are about, and whether anything may be told of them."""

from poller.core.events import Who
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.streams.customers import exclusion, traits, user_id
from poller.streams.orders.facts import OrderFacts


def excluded_of(order: OrderFacts, policy: Policy) -> tuple[str, bool] | None:
    """Why nothing is sent of the order's customer, and whether that is for ever."""
    if order.customer is None:
        return ("deleted", True) if order.customer_id else None
    reason = exclusion(order.customer, policy)
    return (reason, reason != "internal") if reason else None


def buyer(order: OrderFacts, policy: Policy) -> Who:
    """The customer, else whoever made the cart."""
    return Who(
        user_id=user_id(order.customer, policy.user_id) if order.customer else None,
        anonymous_id=anonymous_id(
            policy.namespace, f"cart/{order.cart_id}" if order.cart_id else f"order/{order.order_id}"
        ),
        customer_id=order.customer_id or None,
        traits=traits(order.customer) if order.customer else {},
    )
