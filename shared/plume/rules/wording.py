"""How numbers and times stand in a sentence."""

from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal

BEIJING = timezone(timedelta(hours=8))  # the civil time of all of China, without summer time


def clock(at: datetime) -> str:
    """Give the Beijing time to the minute, such as 2026-08-01 08:00."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def rounded(value: Decimal, decimals: int) -> str:
    """Give the value as plain digits, rounded half to even.

    Source:
        HJ 212-2025 (四舍六入五成双), GB/T 8170-2008, 3.2.
    """
    step = Decimal(1).scaleb(-decimals)
    return f"{value.quantize(step, rounding=ROUND_HALF_EVEN):f}"


def plain(value: Decimal) -> str:
    """Give the value with the digits it carries, never in exponent form."""
    return f"{value:f}"


def places(value: Decimal | None) -> int:
    """Give how many digits after the point the value carries; 0 when there is no number."""
    if value is None or not value.is_finite():
        return 0
    return max(0, -int(value.as_tuple().exponent))


GUARD_DIGITS = 2  # our choice: enough that rounding never decides an exceedance by itself


def kept(value: Decimal, *, like: Decimal | None) -> Decimal:
    """Round a computed value half to even, two digits finer than the values it came from."""
    step = Decimal(1).scaleb(-(places(like) + GUARD_DIGITS))
    return value.quantize(step, rounding=ROUND_HALF_EVEN)
