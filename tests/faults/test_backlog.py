"""A long backlog goes up as objects, while the uplink is killed and the bucket has bad days."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
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
from tests.faults.cloud import THING, Weather, verdict
from tests.faults.conftest import Scene
from tests.faults.object_server import ObjectServer
from tests.faults.site import SEED
from tests.faults.soak import times

SEGMENTS = times(1_800, 50_000)
ROUGH = Weather(swallowed=0.05, doubled=0.2, reordered=0.3, ack_lost=0.05, ack_doubled=0.2)
KILLS = times(5, 500)
# Takes the bucket's word for the cloud's: forgets what was put and never ingested.
TRUSTING_UPLINK = """
import sys
from edge_greengrass.uplink import parcels
from edge_greengrass.uplink.main import main
from plume.model.segment import Acknowledgement
put_one = parcels.Parcels._put_one
async def trusting(self):
    done = await put_one(self)
    for one in self._under_way:
        for each in one.sequences:
            self._outgoing.acknowledged(Acknowledgement(0, ((each, each),)))
    return done
parcels.Parcels._put_one = trusting
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def stored(scene: Callable[..., Scene]) -> Iterator[Callable[[], Scene]]:
    """Make scenes whose uplink has a bucket on bad days."""
    servers: list[ObjectServer] = []

    def make() -> Scene:
        here = scene(ROUGH)
        server = ObjectServer(here.authority.server_context(), here.cloud.object_put)
        server.busy = 0.2
        servers.append(server)
        chosen = server.settings(str(here.authority.ca_file))
        here.site.reconfigure("uplink", objectStore=chosen, outboxBytes=256 << 20)
        return here

    yield make
    for server in servers:
        server.close()


def filled(here: Scene, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Seal frames into the device's outbox as days without a line would; give the frames."""
    monkeypatch.setenv(SEED_VARIABLE, SEED)
    folder: Path = here.site.home
    key = outbox_key(folder)
    signing = Identity(folder / home.IDENTITY).signing_key_pem()
    sealer = Sealer(signing, here.cloud.platform_public_pem().encode())
    frames = []
    begin = datetime.now(tz=UTC) - timedelta(seconds=10 * SEGMENTS)
    with closing(AppendLog(folder / home.OUTBOX, key=key, quota_bytes=256 << 20)) as log:
        spool = Spool(log)
        for number in range(SEGMENTS):
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
        if len(entries) >= SEGMENTS and all(joined[: SEGMENTS - 1]):
            break
        time.sleep(0.5)
    found = verdict(here.cloud, Counter(frames), set(frames))
    return found.lost, found.doubled, found.gaps


def test_a_backlog_is_stored_once_whenever_the_uplink_is_killed(
    stored: Callable[[], Scene], monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    here = stored()
    frames = filled(here, monkeypatch)
    chance = random.Random(3)
    for _ in range(KILLS):
        here.site.start("uplink")
        time.sleep(0.5 + 2.0 * chance.random())
        here.site.kill("uplink")
    here.site.start("uplink")
    lost, doubled, gaps = drained(here, frames, within=240)
    told = here.cloud.counts
    tell(
        f"kills {KILLS}, {told['objects']} objects, {told['published']} messages: "
        f"tried {len(frames)}, lost {lost}, doubled {doubled}, gaps {gaps}"
    )
    assert (lost, doubled, gaps) == (0, 0, 0)
    assert told["objects"] > 0


def test_the_oracle_catches_an_uplink_that_takes_what_it_put_for_stored(
    stored: Callable[[], Scene], monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    here = stored()
    here.cloud.weather = Weather(swallowed=0.6)
    here.site.broken["uplink"] = TRUSTING_UPLINK
    frames = filled(here, monkeypatch)
    here.site.start("uplink")
    lost, doubled, gaps = drained(here, frames, within=25)
    tell(f"broken build: tried {len(frames)}, lost {lost}, doubled {doubled}, gaps {gaps}")
    assert lost > 0
