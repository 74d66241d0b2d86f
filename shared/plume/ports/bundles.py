"""Bundles of verbatim segments: the record of truth (原始数据包)."""

from collections.abc import Sequence
from typing import Protocol

from plume.model.segment import Arrival, SegmentEntry


class Bundles(Protocol):
    """Write-once objects, each holding the segments of one batch."""

    def put(self, arrivals: Sequence[Arrival]) -> str:
        """Keep the segments of one batch in one object and give its key.

        The key follows from the content, so that the same batch lands on the same object. Byte
        ranges of each segment come from `plume.wire.bundle`.
        """

    def whole(self, key: str) -> Sequence[Arrival]:
        """Give all segments of a bundle, in the order they were put."""

    def one(self, entry: SegmentEntry) -> bytes:
        """Give one verbatim segment by its byte range."""
