"""The hash chain over a device's segments: nothing is missing, nothing slipped in."""

from plume.model.segment import SegmentHeader


def joins(previous_digest: bytes, header: SegmentHeader) -> bool:
    """Say whether the segment of `header` follows directly on the one with `previous_digest`."""
    return header.previous == previous_digest
