"""A broker in memory, with a cloud behind it that can be deaf: for tests and the demonstration."""

from collections.abc import Callable, Iterable

from edge_greengrass.uplink.publisher import Ears
from plume.errors import Unavailable

Cloud = Callable[[bytes], Iterable[bytes]]
"""Takes a published segment in and gives the acknowledgement messages that follow from it."""


class MemoryPublisher:
    """Hands every segment to a function that plays the cloud.

    `online` may be set to False: publishing then fails, as it does on a cut line.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ears = Ears(_nobody, _nobody, _no_one)
        self.online = True
        self.published: list[bytes] = []

    @property
    def connected(self) -> bool:
        """Whether the line stands."""
        return self.online

    async def open(self, ears: Ears) -> None:
        """Connect at once, when the line stands."""
        self._ears = ears
        if self.online:
            ears.connected()

    async def publish(self, payload: bytes) -> None:
        """Give the segment to the cloud, and its answers back."""
        if not self.online:
            raise Unavailable("the line is cut")
        self.published.append(payload)
        for answer in self._cloud(payload):
            self._ears.acknowledged(answer)

    def tell(self, message: bytes) -> None:
        """Let the cloud speak of its own accord: late, twice, or out of order."""
        self._ears.acknowledged(message)

    def command(self, message: bytes) -> None:
        """Let the cloud command something; what it says while the line is cut is not heard."""
        if self.online:
            self._ears.commanded(message)

    def reconnect(self) -> None:
        """Mend the line."""
        self.online = True
        self._ears.connected()

    async def close(self) -> None:
        """Hang up."""
        self.online = False


def _nobody(_message: bytes) -> None:
    raise Unavailable("not open")


def _no_one() -> None:
    raise Unavailable("not open")
