"""When a data logger has something to say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from edge_greengrass.twin.messages import DAY, HOUR, MINUTE, REAL_TIME, SECONDS, Message
from plume.hj212.moments import BEIJING

_OFFSET = int(timedelta(hours=8).total_seconds())


def due_at(
    at: datetime, interval: int, process: int = 0, minute: int = SECONDS[MINUTE]
) -> list[Message]:
    """Give the messages due at one instant, real-time data first.

    Args:
        at: the instant.
        interval: of real-time data [s].
        process: of the points of production and treatment [s]; 0 where there are none.
        minute: of minute data [s].

    Intervals are those of the plant's wall clock (UTC+8); their data are due when they end.
    """
    local = int(at.timestamp()) + _OFFSET
    found = [Message(at, REAL_TIME, at)] if local % interval == 0 else []
    if process and local % process == 0:
        found.append(Message(at, REAL_TIME, at, process=True))
    return found + [
        Message(at, cn, at - timedelta(seconds=seconds), seconds=seconds)
        for cn, seconds in {**SECONDS, MINUTE: minute}.items()
        if local % seconds == 0
    ]


def next_instant(
    after: datetime, interval: int, process: int = 0, minute: int = SECONDS[MINUTE]
) -> datetime:
    """Give the first instant after `after` at which something is due."""
    seconds = int(after.timestamp()) + _OFFSET
    steps = (interval, minute, process or interval)
    soonest = min((seconds // step + 1) * step for step in steps)
    return datetime.fromtimestamp(soonest - _OFFSET, tz=UTC)


def backfill(now: datetime, hours: int, *, process: bool = False) -> Iterator[Message]:
    """Give the interval messages of the last hours that are complete at `now`, oldest first.

    With `process` the points of production and treatment of every whole hour are among them.
    """
    end = int(now.timestamp()) // SECONDS[MINUTE] * SECONDS[MINUTE]
    start = end // SECONDS[HOUR] * SECONDS[HOUR] - hours * SECONDS[HOUR]
    for seconds in range(start + SECONDS[MINUTE], end + 1, SECONDS[MINUTE]):
        at = datetime.fromtimestamp(seconds, tz=UTC)
        for message in due_at(at, SECONDS[HOUR], SECONDS[HOUR] if process else 0):
            if message.cn == REAL_TIME and not message.process:
                continue
            if message.at.timestamp() >= start or message.cn == DAY:
                yield message


def history(cn: str, begin: datetime, end: datetime, seconds: int) -> Iterator[Message]:
    """Give the messages of one kind whose DataTime lies in `[begin, end]`, oldest first."""
    length = timedelta(0) if cn == REAL_TIME else timedelta(seconds=seconds)
    first = -(-(int(begin.timestamp()) + _OFFSET) // seconds) * seconds - _OFFSET
    for start in range(first, int(end.timestamp()) + 1, seconds):
        at = datetime.fromtimestamp(start, tz=UTC)
        yield Message(at + length, cn, at, seconds=seconds)


def midnight(at: datetime) -> datetime:
    """Give the last midnight on the plant's wall."""
    return at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
