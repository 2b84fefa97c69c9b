"""What PrestaShop packs into texts of a cart: the progress of its checkout, the carrier that was chosen."""

import json
import re
from typing import Any

from poller.streams.carts.facts import CheckoutStep

_NAME = re.compile(r"^checkout-(.+)-step$")
_PACKED = re.compile(r's:\d+:"(\d+),')


def steps(text: str) -> tuple[CheckoutStep, ...]:
    """The steps of `checkout_session_data` in their order (CheckoutProcess::getDataToPersist); none if unreadable."""
    found = _parsed(text)
    return tuple(
        CheckoutStep(
            match[1] if (match := _NAME.match(name)) else name,
            is_reachable=bool(step.get("step_is_reachable")),
            is_complete=bool(step.get("step_is_complete")),
        )
        for name, step in found.items()
        if isinstance(step, dict)
    )


def carrier_id(delivery_option: str, fallback: int) -> int:
    """The first carrier of `delivery_option`: `{"8":"2,"}` since 1.7, packed by PHP before; else the cart's own."""
    for carriers in _parsed(delivery_option).values():
        first = str(carriers).partition(",")[0]
        if first.isdigit():
            return int(first)
    packed = _PACKED.search(delivery_option)
    return int(packed[1]) if packed else fallback


def _parsed(text: str) -> dict[str, Any]:
    """The object, empty where the text is none: a module may write what it likes."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
