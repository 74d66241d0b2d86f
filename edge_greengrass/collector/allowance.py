"""How many refused frames of one host are worth keeping."""

from collections import OrderedDict

MOST_HOSTS = 1_024


class Allowance:
    """A token bucket per host: `burst` at once, `per_second` in the long run.

    Refused frames are evidence and are kept, but a peer that sends nothing else must not fill the
    disk in front of the data loggers. Time is a monotonic clock [s].
    """

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, host: str, now: float) -> bool:
        """Whether one more refused frame of the host may be kept."""
        left, since = self._left.pop(host, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        granted = left >= 1.0
        self._left[host] = (left - 1.0 if granted else left, now)
        if len(self._left) > MOST_HOSTS:
            self._left.popitem(last=False)
        return granted
