"""Open an object of the backlog: the segments within, as if each had just come by itself."""

import re
from datetime import datetime

from plume.errors import Refused
from plume.model.identity import ThingName
from plume.model.segment import Arrival
from plume.ports.backlog import Backlog
from plume.ports.notices import Operations
from plume.wire.backlog import MOST_BYTES, read
from plume.wire.names import BACKLOG_PREFIX

_KEY = re.compile(re.escape(BACKLOG_PREFIX).replace(re.escape("{thing}"), "([^/]+)") + "[^/]+")


def open_backlog(
    key: str, received_at: datetime, *, backlog: Backlog, operations: Operations
) -> list[Arrival]:
    """Give the segments of one object, still closed, in the order in which they lie.

    The thing is that of the prefix, which the role behind the token exchange vouches for. A
    segment of another thing among them is refused when it is opened, like one on a foreign topic.

    Args:
        key: the object's key.
        received_at: when the store had it, aware.
        backlog: where objects lie.
        operations: told of an object that cannot be taken.

    Raises:
        Refused: no such object, or none of the backlog: too large, cut short, something else.
        Unavailable: the world did not answer.
    """
    named = _KEY.fullmatch(key)
    thing = ThingName(named[1] if named else "")
    try:
        segments = read(backlog.fetch(_of_the_backlog(key), MOST_BYTES))
    except Refused as fault:
        operations.refused(thing, f"backlog {key}: {fault.message}")
        raise
    return [Arrival(thing, raw, received_at) for raw in segments]


def _of_the_backlog(key: str) -> str:
    if _KEY.fullmatch(key):
        return key
    raise Refused(f"{key}: no key of the backlog")
