"""Bits of a queue flip while it lies on the disk: found, one record lost, and where is told."""

import random
import shutil
from pathlib import Path

from edge_greengrass.outbox.log import AppendLog
from tests.faults.soak import times

FLIPS = times(300, 10_000)
KEY = bytes(32)
RECORDS = [b"%04d" % number + bytes(number % 700) for number in range(60)]


def made(folder: Path) -> Path:
    log = AppendLog(folder, key=KEY, quota_bytes=1 << 20)
    for record in RECORDS:
        log.append([record])
    log.close()
    return folder


def flip(file: Path, chance: random.Random) -> None:
    content = bytearray(file.read_bytes())
    bit = chance.randrange(len(content) * 8)
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)


def test_a_flipped_bit_costs_one_record_at_most_and_its_place_is_told(tmp_path: Path) -> None:
    sound = made(tmp_path / "sound")
    for seed in range(FLIPS):
        chance = random.Random(seed)
        folder = tmp_path / "rotten"
        shutil.copytree(sound, folder)
        flip(chance.choice(sorted(folder.glob("*.log"))), chance)
        log = AppendLog(folder, key=KEY, quota_bytes=1 << 20)
        found = [content for _, content in log.read(None, 10**6)]
        log.close()
        assert found == [one for one in RECORDS if one in found], f"seed {seed}: forged"
        assert len(found) >= len(RECORDS) - 1, f"seed {seed}: more than one is lost"
        assert len(found) == len(RECORDS) or len(log.damage) == 1, f"seed {seed}: not told"
        shutil.rmtree(folder)


def test_two_records_that_changed_places_are_refused(tmp_path: Path) -> None:
    """The negative control of authenticity: sound ciphertext in a wrong place is no record."""
    folder = made(tmp_path / "swapped")
    (file,) = folder.glob("*.log")
    content = file.read_bytes()
    first, second = RECORDS[20], RECORDS[27]
    log = AppendLog(folder, key=KEY, quota_bytes=1 << 20)
    ends = [position.end for position, _ in log.read(None, 10**6)]
    log.close()
    one, other = slice(ends[19], ends[20]), slice(ends[26], ends[27])
    parts = (content[: one.start], content[other], content[one.stop : other.start], content[one])
    file.write_bytes(b"".join((*parts, content[other.stop :])))
    again = AppendLog(folder, key=KEY, quota_bytes=1 << 20)
    found = [record for _, record in again.read(None, 10**6)]
    assert first not in found
    assert second not in found
