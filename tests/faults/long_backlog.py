"""A long backlog in a device's outbox, as days without a line leave it."""

import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from edge_greengrass import home
from edge_greengrass.outbox.device_key import SEED_VARIABLE, outbox_key
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.uplink.identity import Identity
from edge_greengrass.uplink.ledger import Kind
from edge_greengrass.uplink.spool import Spool
from plume.evidence import payload
from plume.evidence.envelope import Sealer
from plume.model.frame import FrameRecord, Verdict
from plume.model.segment import CHAIN_START, Payload, SegmentHeader
from tests.faults.cloud import THING, verdict
from tests.faults.conftest import Scene
from tests.faults.site import SEED


def filled(here: Scene, segments: int, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Seal a frame each into so many segments of the device's outbox; give the frames."""
    monkeypatch.setenv(SEED_VARIABLE, SEED)
    folder: Path = here.site.home
    key = outbox_key(folder)
    signing = Identity(folder / home.IDENTITY).signing_key_pem()
    sealer = Sealer(signing, here.cloud.platform_public_pem().encode())
    frames = []
    begin = datetime.now(tz=UTC) - timedelta(seconds=10 * segments)
    with closing(AppendLog(folder / home.OUTBOX, key=key, quota_bytes=256 << 20)) as log:
        spool = Spool(log)
        for number in range(segments):
            at = begin + timedelta(seconds=10 * number)
            frames.append(b"##%06d" % number)
            kept = FrameRecord(at, frames[-1], Verdict.REJECT_SYNTAX, acknowledged=True)
            sequence = spool.next_sequence or int(begin.timestamp() * 1000)
            previous = spool.end.digest if spool.end else CHAIN_START
            header = SegmentHeader(THING, "boot", sequence, previous, at, at)
            body = payload.encode(Payload(frames=(kept,)))
            kind = Kind.TELEMETRY if number % 5 == 0 else Kind.URGENT
            spool.add(sealer.seal_body(header, body), sequence, kind, {})
    return frames


def drained(here: Scene, frames: list[bytes], within: float) -> tuple[int, int, int]:
    """Wait until all is stored; give (lost, doubled, gaps).

    The uplink has things to tell of its own, so the newest segments say nothing of the backlog.
    """
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        entries = here.cloud.world.segments.after(THING, -1, 10**9)
        joined = [b.sequence - a.sequence == 1 for a, b in pairwise(entries)]
        if len(entries) >= len(frames) and all(joined[: len(frames) - 1]):
            break
        time.sleep(0.5)
    found = verdict(here.cloud, Counter(frames), set(frames))
    return found.lost, found.doubled, found.gaps
