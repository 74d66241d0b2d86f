"""How fast HJ 212 is read: packets of about 500 bytes, strictly, with the check, on one core."""

import random
import time
from collections.abc import Callable

from plume.hj212 import encode
from plume.hj212.batch import decode_batch
from plume.hj212.checksum import crc
from plume.hj212.frame import decode
from plume.hj212.stream import FrameReader

PACKETS = 20_000
STATIONS = 170
BEST_OF = 3
GAS = ("a21026", "a21002", "a34013", "a19001", "a01011", "a01012", "a01013", "a01014", "a00000")
WATER = ("w00000", "w01018", "w21003", "w21011", "w21001", "w01001")


def packets() -> list[bytes]:
    """Mix real-time, minute and hour packets of many stations."""
    chance = random.Random(212)  # noqa: S311, a repeatable mix, no secret
    return [_packet(at, chance) for at in range(PACKETS)]


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Measure; CPU time, the best of three."""
    frames = packets()
    buffer = b"".join(frames)
    segments = [one[6:-6] for one in frames]
    batch = PACKETS / _best(lambda: decode_batch(buffer))
    single = PACKETS / _best(lambda: [decode(one, strict=True) for one in frames])
    checks = PACKETS / _best(lambda: [crc(one) for one in segments])
    cuts = PACKETS / _best(lambda: FrameReader().feed(buffer))
    size = len(buffer) / PACKETS / 1e6
    megabytes, goal = batch * size, 100_000 * size
    return [
        ("hj212.batch", batch, "packets/s", ">= 100000", batch >= 100_000),
        ("hj212.batch.bytes", megabytes, "MB/s", f">= {goal:.0f}", megabytes >= goal),
        ("hj212.decode", single, "packets/s", ">= 40000", single >= 40_000),
        ("hj212.crc", checks, "checks/s", ">= 450000", checks >= 450_000),
        ("hj212.stream", cuts, "packets/s", ">= 200000", cuts >= 200_000),
    ]


def _packet(at: int, chance: random.Random) -> bytes:
    station = chance.randrange(STATIONS)
    water = station % 3 == 0
    real_time = chance.random() < 0.5
    attributes = ("Rtd",) if real_time else ("Min", "Avg", "Max")
    items = [
        ",".join([*(f"{c}-{a}={chance.uniform(0, 99):.2f}" for a in attributes), f"{c}-Flag=N"])
        for c in (WATER if water else GAS[: 9 if real_time else 6])
    ]
    return encode.frame(
        qn=f"20240601{at // 3600 % 24:02d}{at // 60 % 60:02d}{at % 60:02d}{at % 1000:03d}",
        st="32" if water else "31",
        cn="2011" if real_time else "2051",
        password="123456",
        mn=f"{station:024X}",
        flag=5,
        cp=f"DataTime=20240601{at // 3600 % 24:02d}{at // 60 % 60:02d}00;{';'.join(items)}",
    )


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(BEST_OF):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


if __name__ == "__main__":
    for row in figures():
        print(*row)
