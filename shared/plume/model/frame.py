"""A HJ 212 frame as the collector received it: verbatim, with what was made of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What the platform makes of a frame (报文判定). All but the first two go unacknowledged."""

    OK = "OK"
    OK_WITH_WARNINGS = "OK_WITH_WARNINGS"
    REJECT_CRC = "REJECT_CRC"
    REJECT_LEN = "REJECT_LEN"
    REJECT_SYNTAX = "REJECT_SYNTAX"
    UNKNOWN_MN = "UNKNOWN_MN"
    BAD_PW = "BAD_PW"
    QUARANTINE = "QUARANTINE"
    """Whole and acknowledged, but its DataTime cannot be: > 10 min ahead or > 1 year old."""

    @property
    def accepted(self) -> bool:
        """Whether its values may reach a curve."""
        return self is Verdict.OK or self is Verdict.OK_WITH_WARNINGS


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One received frame (通讯包), byte for byte from `##` to the end of line.

    `received_at` is aware, the edge's clock. `mn` is empty when it could not be read. `warnings`
    are the names of the dialects met. `peer` is "host:port" of the data logger.
    """

    received_at: datetime
    raw: bytes
    verdict: Verdict
    mn: str = ""
    warnings: tuple[str, ...] = ()
    reason: str = ""
    acknowledged: bool = False
    peer: str = ""
