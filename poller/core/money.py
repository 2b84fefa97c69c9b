"""Money: Decimals, rounded once, half up, to the digits of the currency."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

ZERO = Decimal(0)


def rounded(amount: Decimal, digits: int) -> Decimal:
    """Round as PrestaShop does by default (PS_PRICE_ROUND_MODE 2, half up), never to a negative zero."""
    result = amount.quantize(_unit(digits), rounding=ROUND_HALF_UP)
    return result or abs(result)


@cache
def _unit(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def tolerance(lines: int) -> Decimal:
    """How far sums of rounded lines may lie from a rounded total."""
    return Decimal("0.02") + Decimal("0.01") * lines
