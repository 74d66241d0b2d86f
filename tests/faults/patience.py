"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait_for(what: Callable[[], bool], seconds: float = 40.0) -> bool:
    """Ask until it is true or the time is over; give the last answer."""
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.05)
    return what()
