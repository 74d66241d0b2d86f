"""A device in a thief's hands: segments that are signed as they should be and lie about all else.

Run as a program, so that its memory can be capped: `python -m tests.faults.hostile_segments`
prints one line of JSON per attack, `{"attack", "refused", "reason"}`. With `--broken` the bounds
on what a segment may claim are gone.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import cbor2
import zstandard
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from plume.evidence import compression, payload
from plume.evidence.envelope import Sealer
from plume.memory.world import MemoryDeviceAcks
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Arrival, SegmentHeader
from plume.series import block, framing
from plume.usecases.ingest_segments import IngestWorld, ingest_segments
from tests.faults.cloud import ingest_world
from tests.given import NOW, EdgeDevice, hour_frame, private_pem, public_pem

SPARE_BYTES = 256 << 20
"""What ingest may take beyond what it takes at rest; each attack claims at least 1 GiB."""
GIBIBYTE = 1 << 30
_FRAME = b"\x28\xb5\x2f\xfd"
"""Magic number of Zstandard (RFC 8878, 3.1.1)."""


def bodies() -> Iterator[tuple[str, bytes]]:
    """What the thief puts where a payload belongs."""
    yield "a frame that claims 4 GiB", _FRAME + b"\xe0" + (4 * GIBIBYTE).to_bytes(8, "little")
    yield "a gibibyte of zeros that claims nothing", _bomb()
    yield "an array of 2**40 items", compression.compress(b"\x9b" + (1 << 40).to_bytes(8, "big"))
    yield "a text of a tebibyte", compression.compress(b"\x7b" + (1 << 40).to_bytes(8, "big"))
    yield "bytes of a tebibyte", compression.compress(b"\x5b" + (1 << 40).to_bytes(8, "big"))
    yield "a million arrays within one another", compression.compress(b"\x81" * 1_000_000)
    yield (
        "a number of four million digits",
        compression.compress(b"\xc2\x5a" + (1_700_000).to_bytes(4, "big") + b"\xff" * 1_700_000),
    )
    yield "columns of other lengths", compression.compress(cbor2.dumps([[], [[1], *[[]] * 7], []]))
    yield "a time beyond every calendar", compression.compress(_frame_at(1 << 62))
    yield "nothing", b""


def blocks() -> Iterator[tuple[str, bytes]]:
    """What the thief puts where a point block belongs."""
    yield "a block whose parts are 12 GiB", _prefix(2**32 - 1, 2**32 - 1, 2**32 - 1)
    claim = _FRAME + b"\xe0" + (2 * GIBIBYTE).to_bytes(8, "little")
    for part in range(3):
        lengths = [len(claim) * (part == at) for at in range(3)]
        yield f"a block whose part {part} claims 2 GiB", _prefix(*lengths) + claim
    yield "a block of 2**32 - 1 points", _block(count=2**32 - 1)
    yield "a block of 2**19 flags for each of 2**16 channels", _block(count=1 << 19, flags=1 << 16)
    yield (
        "a block whose decimals are a number",
        _planned(["gas", "x", "a", b"\0", 1 << 40, None, b""]),
    )
    many = bytes(1 << 23)
    yield "a block of 2**23 decimals", _planned(["gas", "x", "a", b"\0", many, None, b""], 1 << 18)
    yield (
        "a block of 2**20 + 2 channels without a name",
        _planned(["gas", "x", "\n" * ((1 << 20) + 2), b"", b"", None, b""]),
    )
    yield "a block of 2**32 - 1 exceptions", _block(count=1, exceptions=2**32 - 1)
    yield "a block of 2**20 channels of 2**10 points", _block(count=1 << 10, names=1 << 20)


def _bomb() -> bytes:
    writer = zstandard.ZstdCompressor(level=1, write_content_size=False).compressobj()
    chunk = bytes(16 << 20)
    return b"".join(writer.compress(chunk) for _ in range(64)) + writer.flush()


def _frame_at(milliseconds: int) -> bytes:
    return cbor2.dumps([[], [[milliseconds], [""], ["ok"], [""], [[]], [""], [True], [b""]], []])


def _block(*, count: int, names: int = 1, flags: int = 0, exceptions: int = 0) -> bytes:
    codes, flagged = ("\n".join(map(str, range(many))) for many in (names, flags))
    ordinals = bytes(one % 256 for one in range(flags))
    plan = framing.head_frame(["gas", "x", codes, bytes(names), b"", flagged, ordinals])
    high = framing._compressors()[1].compress(bytes((count + 2) * names) if flags else b"")
    return _prefix(len(plan), 0, len(high), count, exceptions) + plan + high


def _planned(fields: list[object], count: int = 0) -> bytes:
    plan = framing.head_frame(fields)
    high = framing._compressors()[1].compress(bytes(count + 2))
    return _prefix(len(plan), 0, len(high), count) + plan + high


def _prefix(plan: int, rare: int, high: int, count: int = 0, exceptions: int = 0) -> bytes:
    numbers = framing.Numbers(count, 0, 1, exceptions, 2, steady=1)
    lengths = framing._PREFIX.pack(framing._MAGIC, framing._VERSION, plan, rare, high)
    return lengths + framing._NUMBERS.pack(*numbers)


class Siege:
    """One thief, one platform, one honest device beside it."""

    def __init__(self, world: IngestWorld, thief: EdgeDevice) -> None:
        self._world, self._thief = world, thief

    def arrival(self, body: bytes, *, key: object = None, platform: object = None) -> Arrival:
        """Sign a body as the thief's device would, or with keys that are not its own."""
        thief, at = self._thief, NOW
        header = SegmentHeader(thief.thing, "boot", thief.sequence, CHAIN_START, at, at)
        sealer = Sealer(private_pem(key or thief.key), public_pem(platform or thief.platform))
        return Arrival(thief.thing, sealer.seal_body(header, body), at + timedelta(seconds=1))

    def outcome(self, arrival: Arrival) -> tuple[bool, str]:
        """Say whether the segment was refused as one at fault, and with which words."""
        before = len(self._world.operations.refusals)
        report = ingest_segments([arrival], world=self._world, now=NOW)
        refusals = self._world.operations.refusals[before:]
        if report.failures and not refusals:
            return False, str(report.failures[0])
        return bool(refusals), str(refusals)

    def attacks(self) -> Iterator[tuple[str, bool, str]]:
        """Try everything."""
        for name, body in bodies():
            yield name, *self.outcome(self.arrival(body))
        good, stranger = payload.encode(payload.Payload()), generate_private_key(SECP256R1())
        yield "a stranger's signature", *self.outcome(self.arrival(good, key=stranger))
        yield "another platform's key", *self.outcome(self.arrival(good, platform=stranger))
        for name, forged in blocks():
            yield name, *_block_outcome(forged)


def _block_outcome(forged: bytes) -> tuple[bool, str]:
    try:
        block.decode(forged)
    except block.BadBlock as fault:
        return True, fault.message
    return False, "taken for a block"


def besiege() -> None:
    """Print the outcome of each attack, and whether an honest device is still heard."""
    platform = generate_private_key(SECP256R1())
    thief = EdgeDevice(platform, thing=ThingName("edge-0666"))
    honest = EdgeDevice(platform)
    world = ingest_world(platform, MemoryDeviceAcks())
    for device in (thief, honest):
        world.registry.put_device(device.registered())
    for name, refused, reason in Siege(world, thief).attacks():
        _tell(name, refused, reason)
    report = ingest_segments([honest.seal(hour_frame())], world=world, now=NOW)
    _tell("none", bool(report.failures), "")


def _tell(attack: str, refused: bool, reason: str) -> None:  # noqa: FBT001, a finding
    outcome = {"attack": attack, "refused": refused, "reason": reason[:200]}
    sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _cap_memory() -> None:
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    cap = size * resource.getpagesize() + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (cap, cap))


def _break_bounds() -> None:
    """The negative control: believe every claim."""
    payload.MAX_PAYLOAD_BYTES = 1 << 62
    framing._MOST_HEAD_BYTES = framing._MOST_HIGH_BYTES = 1 << 62


if __name__ == "__main__":
    if "--broken" in sys.argv:
        _break_bounds()
    _cap_memory()
    besiege()
