"""What was seen of every data logger's minute, hour and real-time data, through restarts."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edge_greengrass.collector.dialogue.gaps import (
    HOUR_STEPS,
    MINUTE_STEPS,
    SILENCE_STEPS,
    Hole,
    Seen,
)
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from plume.hj212.frame import BadFrame, decode
from plume.hj212.moments import moment_or_none

MINUTE, HOUR, REAL_TIME = "2051", "2061", "2011"
KINDS: Mapping[str, Callable[[int, list[tuple[int, int]]], Seen]] = {
    HOUR: lambda step, ranges: Seen(HOUR_STEPS, step, ranges),
    MINUTE: lambda step, ranges: Seen(MINUTE_STEPS, step, ranges),
    REAL_TIME: lambda step, ranges: Seen(SILENCE_STEPS, step, ranges, margin=1),
}
"""In the order in which holes are asked for: what a limit is held against comes first."""
HEARD_SECONDS = 20.0
"""Real-time data are looked at no more often than this."""
_DATA_TIME = re.compile(rb"DataTime\s*=\s*(\d{14})")
_ENCIPHERED = b"&&{0x"
"""How the parameters of a frame begin when they are enciphered (HJ 212-2025, annex A.2)."""


def _no_keys(mn: str) -> Sequence[bytes]:
    del mn
    return ()


def _untold(fault: OSError) -> None:
    del fault


class Chronicle:
    """Seen data by MN and CN.

    Args:
        file: where it is kept between runs; what a crash loses of it is asked for once more.
        steady: gives a monotonic time [s].
        keys: gives the SM4 keys that a data logger is believed under, by its MN.

    Attributes:
        on_unkept: called when it cannot be written down, with the reason.
    """

    def __init__(
        self,
        file: SealedFile,
        steady: Callable[[], float],
        keys: Callable[[str], Sequence[bytes]] = _no_keys,
    ) -> None:
        self._file, self._steady, self._keys = file, steady, keys
        self.on_unkept: Callable[[OSError], None] = _untold
        self._seen: dict[str, dict[str, Seen]] = defaultdict(dict)
        self._late_at: dict[str, float] = {}
        self._real_time_at: dict[str, float] = {}
        for mn, kinds in (file.read() or {}).items():
            self._seen[mn] = {cn: _seen(cn, fields) for cn, fields in kinds.items()}

    def heard(self, mn: str, cn: str, raw: bytes) -> None:
        """Take note of an upload; one that is not watched, or not legible, is passed over."""
        if cn not in KINDS or (cn == REAL_TIME and self._too_soon(mn)):
            return
        found = _DATA_TIME.search(self._legible(mn, raw))
        at = moment_or_none(found[1].decode()) if found else None
        if at is None:
            return
        kinds = self._seen[mn]
        seen = kinds.get(cn) or kinds.setdefault(cn, KINDS[cn](0, []))
        if seen.saw(int(at.timestamp())):
            self._late_at[mn] = self._steady()

    def quiet_for(self, mn: str) -> float:
        """Give how long the data logger has sent nothing of the past by itself [s]."""
        return self._steady() - self._late_at.get(mn, float("-inf"))

    def holes(self, mn: str, since: Callable[[str], int]) -> list[tuple[str, Hole]]:
        """Give what is missing of a data logger, by CN, after `since(cn)` (unix time [s])."""
        kinds = self._seen.get(mn, {})
        return [(cn, hole) for cn in KINDS if cn in kinds for hole in kinds[cn].holes(since(cn))]

    def missing(self, mn: str, cn: str, hole: Hole) -> int:
        """Give how many of a hole are still missing."""
        return self._seen[mn][cn].missing(hole)

    def close(self, mn: str, cn: str, hole: Hole) -> None:
        """Remember that no more of a hole will come."""
        self._seen[mn][cn].close(hole)
        self.keep()

    def keep(self) -> None:
        """Write down what is known now; on a full disk it is kept in memory, and written later."""
        known = {
            mn: {cn: [one.step, one.ranges] for cn, one in kinds.items()}
            for mn, kinds in self._seen.items()
        }
        try:
            self._file.write(known)
        except OSError as fault:
            self.on_unkept(fault)

    def _legible(self, mn: str, raw: bytes) -> bytes:
        """Give what can be read of a frame; one is deciphered only when it is looked at."""
        if _ENCIPHERED not in raw:
            return raw
        try:
            return decode(raw, keys=tuple(self._keys(mn))).cp.encode()
        except BadFrame:
            return b""  # enciphered under a key that has since been taken back

    def _too_soon(self, mn: str) -> bool:
        now = self._steady()
        if now - self._real_time_at.get(mn, float("-inf")) < HEARD_SECONDS:
            return True
        self._real_time_at[mn] = now
        return False


def _seen(cn: str, fields: list[Any]) -> Seen:
    step, ranges = fields
    return KINDS[cn](step, [(first, last) for first, last in ranges])
