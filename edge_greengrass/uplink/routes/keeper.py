"""Which network route is taken: pure, so that every order of failures can be tried.

Routes are told best first. One that fails so often in a row is left for the best that works; a
better one is returned to when it has worked without a break for so long, because a line that
flaps is worse than a slow one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_greengrass.uplink.routes.network_route import NetworkRoute


@dataclass(frozen=True, slots=True)
class Patience:
    """When a route counts as failed, and when it is trusted again.

    Attributes:
        failures: probes that fail in a row [1].
        steady: how long it has to work without a break [s].
    """

    failures: int = 3
    steady: float = 120.0


@dataclass(slots=True)
class _Standing:
    failures: int = 0
    good_since: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A route was left for another; None where nothing changes but a route's own state."""

    left: NetworkRoute
    taken: NetworkRoute


class RouteKeeper:
    """Keeps the standing of every route, and the choice among them.

    Args:
        routes: best first, at least one.
        patience: when to leave and when to return.
    """

    def __init__(self, routes: Sequence[NetworkRoute], patience: Patience) -> None:
        self._patience = patience
        self._standing = {route: _Standing() for route in routes}
        self.current = routes[0]

    @property
    def routes(self) -> tuple[NetworkRoute, ...]:
        """Every route, best first."""
        return tuple(self._standing)

    def works(self, route: NetworkRoute) -> bool:
        """Whether the route has not failed so often in a row as to be given up."""
        return self._standing[route].failures < self._patience.failures

    def probed(self, route: NetworkRoute, answered: bool, now: float) -> Change | None:  # noqa: FBT001, a finding
        """Take note of one probe at monotonic `now` [s]; give the change that follows from it."""
        standing = self._standing[route]
        if answered:
            standing.failures = 0
            if standing.good_since is None:
                standing.good_since = now
        else:
            standing.failures += 1
            standing.good_since = None
        return self._choose(now)

    def _choose(self, now: float) -> Change | None:
        best = next((route for route in self.routes if self._worthy(route, now)), self.current)
        if best == self.current:
            return None
        change = Change(self.current, best)
        self.current = best
        return change

    def _worthy(self, route: NetworkRoute, now: float) -> bool:
        """Whether this route is to be taken, if no better one is."""
        if route == self.current:
            return self.works(route)
        good_since = self._standing[route].good_since
        if good_since is None:
            return False
        return not self.works(self.current) or now - good_since >= self._patience.steady
