"""Times as HJ 212 writes them: the wall clock of Beijing, with no zone in the data."""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""UTC+8 without daylight saving; every time in a frame is in it."""

_LEAST_DIGITS = 14
_MOST_DIGITS = 17


def moment(text: str) -> datetime:
    """Read YYYYMMDDhhmmss; up to three more digits (milliseconds) are dropped. Aware.

    Raises:
        ValueError: not 14 to 17 digits, or no time of the calendar.
    """
    if not (_LEAST_DIGITS <= len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit()):
        raise ValueError(f"no time: {text!r}")
    return datetime(
        int(text[:4]),
        int(text[4:6]),
        int(text[6:8]),
        int(text[8:10]),
        int(text[10:12]),
        int(text[12:14]),
        tzinfo=BEIJING,
    )


def moment_or_none(text: str) -> datetime | None:
    """Read a time like `moment`; None where the text names none."""
    try:
        return moment(text)
    except ValueError:
        return None  # what a peer says of the time may be anything


def written(at: datetime) -> str:
    """Write an aware time as YYYYMMDDhhmmss."""
    local = at.astimezone(BEIJING)
    return f"{local.year:04d}{local:%m%d%H%M%S}"


def request_number(at: datetime) -> str:
    """Write an aware time as a QN: YYYYMMDDhhmmsszzz."""
    return f"{written(at)}{at.microsecond // 1000:03d}"
