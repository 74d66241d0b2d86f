"""What the uplink asks of a message broker, whichever way leads to it."""

from collections.abc import Callable
from typing import Protocol

Told = Callable[[bytes], None]
"""Is given the payload of every message on the acknowledgement topic."""
Connected = Callable[[], None]
"""Is called whenever a new connection stands and the acknowledgement topic is subscribed."""


class Publisher(Protocol):
    """A way to the broker, bound to the topics of one thing.

    Both callbacks run in the event loop that opened the publisher.
    """

    @property
    def connected(self) -> bool:
        """Whether a connection stands."""

    async def open(self, told: Told, connected: Connected) -> None:
        """Begin to connect, and stay connected from then on."""

    async def publish(self, payload: bytes) -> None:
        """Send one segment with QoS 1; return when the broker has taken it over.

        That says nothing of storage: only an acknowledgement of the cloud does.

        Raises:
            Unavailable: the broker was not reached, or refused it.
        """

    async def close(self) -> None:
        """Disconnect."""
