"""Bits of a queue flip while it lies on the disk: found, one record lost, and where is told."""

import random
import shutil
from pathlib import Path

import pytest

from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.outbox.record import OVERHEAD_BYTES, FileCipher
from tests.faults.soak import times

FLIPS = times(300, 10_000)
KEY = bytes(32)
TAG_BYTES = 16
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


def rotten(folder: Path, seed: int) -> AppendLog:
    """Copy a sound queue, and flip one bit anywhere in its files."""
    chance = random.Random(seed)
    shutil.copytree(folder, folder.with_name(f"rotten-{seed}"))
    flip(chance.choice(sorted(folder.with_name(f"rotten-{seed}").glob("*.log"))), chance)
    return AppendLog(folder.with_name(f"rotten-{seed}"), key=KEY, quota_bytes=1 << 20)


def test_a_flipped_bit_costs_one_record_at_most_and_its_place_is_told(tmp_path: Path) -> None:
    sound = made(tmp_path / "sound")
    for seed in range(FLIPS):
        log = rotten(sound, seed)
        found = [content for _, content in log.read(None, 10**6)]
        log.close()
        assert found == [one for one in RECORDS if one in found], f"seed {seed}: forged"
        assert len(found) >= len(RECORDS) - 1, f"seed {seed}: more than one is lost"
        assert len(found) == len(RECORDS) or len(log.damage) == 1, f"seed {seed}: not told"
        shutil.rmtree(tmp_path / f"rotten-{seed}")


def test_a_queue_that_does_not_authenticate_its_records_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken build trusts the head of a record, and takes its content as it lies there."""
    sound_head = FileCipher.sealed

    def unsealed(self: FileCipher, content: bytes, offset: int) -> bytes:
        sealed = sound_head(self, content, offset)
        return sealed[: len(sealed) - len(content) - TAG_BYTES] + content + bytes(TAG_BYTES)

    def taken(_: FileCipher, data: bytes, offset: int, __: int, length: int) -> bytes:
        end = offset + OVERHEAD_BYTES + length - TAG_BYTES
        return data[end - length : end]

    monkeypatch.setattr(FileCipher, "sealed", unsealed)
    monkeypatch.setattr(FileCipher, "_opened", taken)
    folder = made(tmp_path / "sound")
    found = [
        [content for _, content in rotten(folder, seed).read(None, 10**6)] for seed in range(10)
    ]
    assert any(content not in RECORDS for one in found for content in one)


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
