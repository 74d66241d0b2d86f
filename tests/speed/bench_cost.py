"""What a million points cost to bring through AWS IoT Core, acknowledgements included.

Measured is how many real four-digit points one billed unit carries; the prices are AWS's list
prices of us-east-1. The acknowledgement names the highest stored sequence, so one of them answers
for a whole batch of the ingest queue: ten segments when many devices speak, one when few do.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench_seal import sealer_and_keys
from given_plant import CHANNELS, POINTS, plant_minute

from plume.evidence.envelope import Sealer
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Payload, SegmentHeader
from plume.model.telemetry import Columns
from plume.series import block
from plume.wire.names import ACK_TOPIC, MAX_SEGMENT_BYTES, SEGMENTS_TOPIC

UNIT_BYTES = 5_120
RULE, ACTION, MESSAGE = 0.15e-6, 0.15e-6, 1.00e-6
"""USD per started unit: rule triggered, action executed, message published to a device."""
SEGMENTS_PER_ACK = 10
ACK_BYTES = 200
THING = "edge-plm-tl-0001"
_AT = datetime(2026, 11, 24, tzinfo=UTC)


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Give dollars per million points."""
    sealer, _ = sealer_and_keys()
    points, size = fullest(sealer)
    sent = ceil((size + len(SEGMENTS_TOPIC.format(thing=THING))) / UNIT_BYTES) * (RULE + ACTION)
    ack_bytes = len(ACK_TOPIC.format(thing=THING)) + ACK_BYTES
    told = ceil(ack_bytes / UNIT_BYTES) * MESSAGE
    cost = (sent + told / SEGMENTS_PER_ACK) / points * 1e6
    worst = (sent + told) / points * 1e6
    return [
        ("cost: points in one segment", points, "points", "", True),
        ("cost: one ack for ten segments", cost, "USD/M points", "<= 0.0001", cost <= 1e-4),
        ("cost: one ack for each segment", worst, "USD/M points", "<= 0.0001", worst <= 1e-4),
    ]


def fullest(sealer: Sealer) -> tuple[int, int]:
    """Give the most points that one segment carries, and its size [bytes]."""
    columns, best = plant_minute(), (0, 0)
    for rows in range(1, POINTS + 1):
        header = SegmentHeader(ThingName(THING), "boot", 1, CHAIN_START, _AT, _AT + rows * _SECOND)
        raw = sealer.seal(header, Payload(blocks=(block.encode(first(columns, rows)),)))
        if len(raw) <= MAX_SEGMENT_BYTES:
            best = (rows * CHANNELS, len(raw))
    return best


def first(columns: Columns, rows: int) -> Columns:
    """Cut the first rows off."""
    return replace(
        columns,
        times=columns.times[:rows],
        values={code: each[:rows] for code, each in columns.values.items()},
        flags={code: each[:rows] for code, each in columns.flags.items()},
    )


_SECOND = timedelta(seconds=1)
