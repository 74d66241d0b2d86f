"""The logs and files of one device as the uplink opens them."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from edge_greengrass import home
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.uplink.configuration import MEBIBYTE, Configuration

OWN_BYTES = 16 * MEBIBYTE
"""For what the uplink has to tell, and for what each component is commanded."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """Every log the uplink has to do with; `upward` is read, the others are written."""

    upward: dict[str, AppendLog]
    downward: dict[str, AppendLog]
    notes: AppendLog
    outbox: AppendLog

    @property
    def bytes_waiting(self) -> int:
        """Bytes of the upward logs."""
        return sum(log.bytes_used for log in self.upward.values())

    @property
    def damaged(self) -> int:
        """How many records have rotted on the disk."""
        return sum(len(log.damage) for log in (*self.upward.values(), self.outbox))


@contextmanager
def rooms(chosen: Configuration) -> Iterator[Rooms]:
    """Open every log for as long as the uplink runs."""
    key = outbox_key(chosen.home)
    with ExitStack() as opened:

        def log(name: str, quota: int) -> AppendLog:
            made = AppendLog(chosen.home / name, key=key, quota_bytes=quota)
            return opened.enter_context(closing(made))

        below = (home.COLLECTOR_COMMANDS, home.CAMERA_COMMANDS)
        yield Rooms(
            upward={name: log(name, chosen.intake_bytes) for name in home.UPWARD},
            downward={name: log(name, OWN_BYTES) for name in below},
            notes=log(home.UPLINK, OWN_BYTES),
            outbox=log(home.OUTBOX, chosen.outbox_bytes),
        )
