"""Times as they stand in messages: ISO 8601 with an offset."""

from datetime import datetime


def instant_of(text: object) -> datetime:
    """Read a time.

    Raises:
        TypeError: it is no text.
        ValueError: it is no time, or names no offset.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} names no offset")
    return at
