"""What is remembered survives a disk that fills up in the midst of writing it down."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_greengrass.collector.dialogue.chronicle import Chronicle
from edge_greengrass.collector.dialogue.sealed_file import SealedFile

KEY = bytes(32)
LONG = {"010000A8900016F000169DC0": "x" * 5_000}


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size: a write stops short there, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_former_value_stands_when_there_is_no_room_for_the_next(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "credentials", KEY)
    file.write({"key": "former"})
    with room_for(1_000), pytest.raises(OSError, match="large"):
        file.write(LONG)
    assert SealedFile(tmp_path / "credentials", KEY).read() == {"key": "former"}
    file.write(LONG)
    assert file.read() == LONG


def test_what_was_seen_is_kept_in_memory_and_told_while_there_is_no_room(tmp_path: Path) -> None:
    told: list[OSError] = []
    chronicle = Chronicle(SealedFile(tmp_path / "chronicle", KEY), lambda: 0.0)
    chronicle.on_unkept = told.append
    for hour in (1, 4):
        chronicle.heard("mn", "2061", b"DataTime=202611240%d0000" % hour)
    with room_for(8):
        chronicle.keep()
    assert [fault.strerror for fault in told] == ["File too large"]
    assert len(chronicle.holes("mn", lambda _: 0)) == 1
    chronicle.keep()
    assert len(told) == 1
    again = Chronicle(SealedFile(tmp_path / "chronicle", KEY), lambda: 0.0)
    assert again.holes("mn", lambda _: 0) == chronicle.holes("mn", lambda _: 0)
