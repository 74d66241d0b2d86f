"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait_for(what: Callable[[], bool], seconds: float = 90.0) -> bool:
    """Ask until it is true or the time is over; give that answer, for asking may do something."""
    deadline = time.monotonic() + seconds
    while not (answer := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer
