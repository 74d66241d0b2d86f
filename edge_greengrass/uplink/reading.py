"""One upward log as the uplink reads it: a little ahead of what is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.home import TELEMETRY, UPWARD
from edge_greengrass.outbox.log import AppendLog, Damage, Position
from edge_greengrass.uplink.ledger import Kind
from edge_greengrass.uplink.spool import Positions
from plume.errors import Refused
from plume.evidence import payload
from plume.model.event import GapRecord, Loss
from plume.model.segment import Payload
from plume.wire.events import event_fields

READ_AHEAD = 512
"""Records of one log held at once [1]; well above what fits into one segment."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One record, decoded, of which log it is, and where it lay."""

    log: str
    position: Position
    payload: Payload


class Reader:
    """Reads one log; `unreadable` counts the records whose loss had to be told instead."""

    def __init__(self, name: str, log: AppendLog, sealed_to: Position | None) -> None:
        self.name, self._log = name, log
        self._read_to = sealed_to
        self.taken: list[Taken] = []
        self.unreadable = 0
        if sealed_to is not None:
            log.forget(sealed_to)

    def read(self, now: datetime) -> bool:
        """Take in what its writer has added since, up to READ_AHEAD; whether that was any.

        Spots that have rotted on the disk are taken in as well, as records of their loss.
        """
        known = len(self._log.damage)
        found = self._log.read(self._read_to, READ_AHEAD - len(self.taken))
        new = [
            Taken(self.name, position, self._decoded(record, now)) for position, record in found
        ]
        new += [self._rotten(spot, now) for spot in self._log.damage[known:]]
        new.sort(key=lambda one: one.position)
        self.taken += new
        if new:
            self._read_to = new[-1].position
        return bool(new)

    def sealed(self, upto: Position) -> None:
        """Let go of what is sealed."""
        self.taken = [one for one in self.taken if one.position > upto]
        self._log.forget(upto)

    def _decoded(self, record: bytes, now: datetime) -> Payload:
        """Decode a record; one that is whole but makes no sense is gone, and that is told."""
        try:
            return payload.decode(record)
        except Refused as fault:
            return self._lost(fault.message, now)

    def _rotten(self, spot: Damage, now: datetime) -> Taken:
        where = f"bytes {spot.start} to {spot.end} of file {spot.file} have rotted"
        return Taken(self.name, Position(spot.file, spot.end), self._lost(where, now))

    def _lost(self, why: str, now: datetime) -> Payload:
        self.unreadable += 1
        kind = "telemetry" if self.name == TELEMETRY else "frames"
        gap = GapRecord(now, kind, Loss.DROPPED, now, now, 1, f"{self.name}: {why}")
        return Payload(events=(event_fields(gap),))


def readers(logs: Mapping[str, AppendLog], consumed: Positions) -> dict[Kind, list[Reader]]:
    """Give the readers of the logs by what becomes of them, in the order they are served."""
    found: dict[Kind, list[Reader]] = {Kind.URGENT: [], Kind.TELEMETRY: []}
    for name in UPWARD:
        kind = Kind.TELEMETRY if name == TELEMETRY else Kind.URGENT
        if name in logs:
            found[kind].append(Reader(name, logs[name], consumed.get(name)))
    return found
