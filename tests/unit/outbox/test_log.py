"""The outbox keeps what it has acknowledged, and nothing it has forgotten."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_greengrass.outbox.log import AppendLog, Damage, OutboxFull, Position

KEY = bytes(range(32))
MEBIBYTE = 1 << 20


def outbox(folder: Path, key: bytes = KEY, quota: int = MEBIBYTE) -> AppendLog:
    return AppendLog(folder, key=key, quota_bytes=quota)


def contents(log: AppendLog) -> list[bytes]:
    return [content for _, content in log.read(None, 1_000_000)]


def newest(folder: Path) -> Path:
    return max(folder.glob("*.log"))


@settings(max_examples=25)
@given(batches=st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=4), max_size=6))
def test_what_was_appended_comes_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("outbox")
    log = outbox(folder)
    for batch in batches:
        log.append(batch)
    expected = [record for batch in batches for record in batch]
    assert contents(log) == expected
    log.close()
    assert contents(outbox(folder)) == expected


def test_reading_goes_on_behind_a_position(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    log.append([b"one", b"two", b"three"])
    (first, _), *_ = log.read(None, 1)
    assert [content for _, content in log.read(first, 1)] == [b"two"]


def test_another_process_sees_an_append_at_once(tmp_path: Path) -> None:
    writer, reader = outbox(tmp_path), outbox(tmp_path)
    writer.append([b"one"])
    assert contents(reader) == [b"one"]
    writer.append([b"two"])
    assert contents(reader) == [b"one", b"two"]


def test_what_is_written_but_not_yet_synced_is_not_seen(tmp_path: Path) -> None:
    writer, reader = outbox(tmp_path), outbox(tmp_path)
    writer.append([b"one"])
    durable = (tmp_path / "durable").read_bytes()
    writer.append([b"two"])
    (tmp_path / "durable").write_bytes(durable)
    assert contents(reader) == [b"one"]


def test_what_was_forgotten_stays_forgotten_after_a_restart(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    log.append([b"one"])
    log.forget(log.append([b"two"]))
    log.append([b"three"])
    log.close()
    assert contents(outbox(tmp_path)) == [b"three"]


def test_forgetting_gives_whole_files_back(tmp_path: Path) -> None:
    log = outbox(tmp_path, quota=256 << 10)
    last = [log.append([bytes(5_000)]) for _ in range(30)][-1]
    before = log.bytes_used
    log.forget(last)
    assert before > 150_000
    assert log.bytes_used < 20_000
    assert contents(log) == []


def test_the_quota_holds_and_forgetting_makes_room_again(tmp_path: Path) -> None:
    log = outbox(tmp_path, quota=64 << 10)
    for _ in range(62):
        log.append([bytes(1_000)])
    with pytest.raises(OutboxFull):
        log.append([bytes(1_000)] * 4)
    assert 50_000 < log.bytes_used <= 64 << 10
    kept = log.read(None, 1_000)
    log.forget(kept[-1][0])
    for _ in range(200):
        log.forget(log.append([bytes(1_000)]))
    assert log.bytes_used < 64 << 10


def test_a_full_disk_says_so_and_the_log_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = outbox(tmp_path)
    log.append([b"one"])
    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", _no_space)
        with pytest.raises(OutboxFull):
            log.append([b"two"])
    log.append([b"three"])
    assert contents(log) == [b"one", b"three"]
    assert log.damage == []


def _no_space(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_a_torn_tail_is_cut_and_is_no_damage(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    log.append([b"one"])
    log.append([b"two" * 50])
    log.close()
    file = newest(tmp_path)
    for size in range(file.stat().st_size - 1, file.stat().st_size - 150, -7):
        with file.open("r+b") as torn:
            torn.truncate(size)
        (tmp_path / "durable").unlink()  # the power went before the mark was moved
        again = outbox(tmp_path)
        assert contents(again) == [b"one"]
        assert again.damage == []
    again.append([b"three"])
    assert contents(again) == [b"one", b"three"]


def test_any_flipped_bit_costs_its_record_alone_and_is_reported(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    ends = [log.append([bytes([i]) * 40]) for i in range(3)]
    file = newest(tmp_path)
    sound = file.read_bytes()
    for bit in range(ends[0].end * 8, ends[1].end * 8):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        file.write_bytes(flipped)
        reader = outbox(tmp_path)
        assert contents(reader) == [b"\0" * 40, b"\2" * 40]
        assert reader.damage == [Damage(ends[0].file, ends[0].end, ends[1].end)]


def test_a_damaged_last_record_is_reported_too(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    first, second = log.append([b"one"]), log.append([b"two"])
    file = newest(tmp_path)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    reader = outbox(tmp_path)
    assert contents(reader) == [b"one"]
    assert reader.damage == [Damage(second.file, first.end, second.end)]


def test_a_copy_is_closed_to_another_device(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    log.append([b"secret"])
    log.close()
    assert b"secret" not in newest(tmp_path).read_bytes()
    stranger = outbox(tmp_path, key=bytes(32))
    with newest(tmp_path).open("rb") as file:
        before = file.read()
    assert contents(stranger) == []
    assert newest(tmp_path).read_bytes() == before


def test_a_record_moved_within_its_file_is_refused(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    start = log.append([b"0"]).end
    middle = log.append([b"a" * 10]).end
    log.append([b"b" * 10])
    file = newest(tmp_path)
    raw = file.read_bytes()
    file.write_bytes(raw[:start] + raw[middle:] + raw[start:middle])
    assert contents(outbox(tmp_path)) == [b"0"]


def test_positions_never_come_back(tmp_path: Path) -> None:
    seen: list[Position] = []
    for _ in range(4):
        log = outbox(tmp_path)
        seen.append(log.append([b"x"]))
        log.forget(seen[-1])
        log.close()
    assert seen == sorted(set(seen))


def test_a_flipped_bit_in_the_head_of_a_file_costs_nothing(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    log.append([b"one"])
    file = newest(tmp_path)
    sound = file.read_bytes()
    for bit in range(0, 104 * 8, 5):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        file.write_bytes(flipped)
        assert contents(outbox(tmp_path)) == [b"one"]


def test_a_file_whose_making_was_cut_short_holds_nothing_back(tmp_path: Path) -> None:
    log = outbox(tmp_path)
    log.append([b"one"])
    log.close()
    (tmp_path / f"{newest(tmp_path).stem[:-1]}2.log").write_bytes(b"PLUME")
    again = outbox(tmp_path)
    again.append([b"two"])
    assert contents(again) == [b"one", b"two"]
    assert again.damage == []


def test_a_full_outbox_has_room_the_moment_all_is_forgotten(tmp_path: Path) -> None:
    log = outbox(tmp_path, quota=10 << 10)
    for _ in range(20):
        last = log.append([bytes(1_000)] * 9)
        with pytest.raises(OutboxFull):
            log.append([bytes(1_000)])
        log.forget(last)
