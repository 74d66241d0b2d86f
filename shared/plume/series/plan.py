"""What the channels of a point block are: the part of its head that minute after minute repeats.

Writing and reading it costs as much as the numbers do, so both are remembered.
"""

from dataclasses import dataclass
from functools import lru_cache

import zstandard

from plume.model.telemetry import SeriesTable
from plume.series.framing import MOST_POINTS, BadBlock, head_frame, head_of
from plume.series.scaling import RAW

_REMEMBERED = 16
_REMEMBERED_BYTES = 1 << 16
"""A plan that unfolds further is read anew each time: memory is for honest ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the channels are; shared between blocks, so nothing in it may be changed.

    Attributes:
        table: where the rows live.
        subject: outlet or unit id.
        codes: the channels, in order.
        declared: per channel code, the digits after the point, where they were declared.
        decimals: a byte for each code: the digits by which the numbers are scaled, or RAW.
        flag_codes: the channels that have flags, in order.
        ordinals: the flag of each of them, if none of them changes; else empty.
    """

    table: SeriesTable
    subject: str
    codes: tuple[str, ...]
    declared: dict[str, int]
    decimals: bytes
    flag_codes: tuple[str, ...]
    ordinals: bytes


@lru_cache(_REMEMBERED)
def plan_frame(*fields: str | bytes | None) -> bytes:
    """Write a plan: table, subject, codes, declared and other decimals, flag codes, ordinals.

    Codes are joined by line ends; other decimals and flag codes are empty or None where they are
    those before them.
    """
    return head_frame(fields)


def plan_of(frame: bytes) -> Plan:
    """Read a plan.

    Raises:
        BadBlock: it is none, or claims more than a block may hold.
    """
    small = zstandard.frame_content_size(frame) <= _REMEMBERED_BYTES
    return _remembered(frame) if small else _read(frame)


@lru_cache(_REMEMBERED)
def _remembered(frame: bytes) -> Plan:
    return _read(frame)


def _read(frame: bytes) -> Plan:
    table, subject, names, declared, decimals, flag_names, ordinals = head_of(frame)
    codes, digits = _codes(names), _bytes(decimals) or _bytes(declared)
    if len(digits) != len(codes):
        raise BadBlock(f"{len(digits)} decimals for {len(codes)} channels")
    return Plan(
        table=SeriesTable(table),
        subject=_text(subject),
        codes=codes,
        declared={c: d for c, d in zip(codes, declared, strict=True) if d != RAW},
        decimals=digits,
        flag_codes=codes if flag_names is None else _codes(flag_names),
        ordinals=_bytes(ordinals),
    )


def _codes(names: str) -> tuple[str, ...]:
    if names.count("\n") >= MOST_POINTS:
        raise BadBlock(f"claims more than {MOST_POINTS} channels")
    return tuple(names.split("\n")) if names else ()


def _bytes(value: object) -> bytes:
    """Take bytes alone: of a number, `bytes` would make as many zeros."""
    if not isinstance(value, bytes):
        raise BadBlock("decimals and flags are bytes")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadBlock("the subject is not text")
    return value
