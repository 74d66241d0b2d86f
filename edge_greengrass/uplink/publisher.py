"""What the uplink asks of a message broker, whichever way leads to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Told = Callable[[bytes], None]
"""Is given the payload of every message on one topic."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what comes down, and that a new connection stands with all topics subscribed.

    All of them are called in the event loop that opened the publisher.
    """

    acknowledged: Told
    commanded: Told
    connected: Callable[[], None]


class Publisher(Protocol):
    """A way to the broker, bound to the topics of one thing."""

    @property
    def connected(self) -> bool:
        """Whether a connection stands."""

    async def open(self, ears: Ears) -> None:
        """Begin to connect, and stay connected from then on."""

    async def publish(self, payload: bytes) -> None:
        """Send one segment with QoS 1; return when the broker has taken it over.

        That says nothing of storage: only an acknowledgement of the cloud does.

        Raises:
            Unavailable: the broker was not reached, or refused it.
        """

    async def close(self) -> None:
        """Disconnect."""
