"""Objects that devices put: segments that had waited long at the edge (断网续传)."""

from typing import Protocol


class Backlog(Protocol):
    """The backlog of every device, under the prefix of its thing."""

    def fetch(self, key: str, most: int) -> bytes:
        """Give an object of at most `most` bytes.

        Raises:
            NotThere: no such object.
            Refused: it is larger; nothing of it was read.
        """
