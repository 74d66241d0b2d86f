"""Data loggers that have no MN yet: who has announced itself, and over which connection.

Source:
    HJ 212-2025, CN 1001 (answered by 9013) and CN 1002; i23005 to i23008 are the number, the CPU
    and the MACs of a data logger.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from edge_greengrass.collector.dialogue.switchboard import Caller
from plume.hj212.frame import Frame
from plume.hj212.items import data_of

MOST = 64
"""So many are remembered at once [1]; the oldest is forgotten first."""
IDENTITIES = ("i23005", "i23006", "i23007", "i23008")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One data logger without an MN: its announcement, and what it says of itself."""

    serial: str
    caller: Caller
    frame: Frame
    facts: dict[str, object]


class Newcomers:
    """Who has announced itself and still is on the line, by serial.

    Attributes:
        on_arrival: called with each newcomer, once for each connection.
    """

    def __init__(self) -> None:
        self._here: OrderedDict[str, Newcomer] = OrderedDict()
        self._arrived = asyncio.Event()
        self.on_arrival: Callable[[Newcomer], None] = _unnoticed

    def announced(self, frame: Frame, caller: Caller) -> None:
        """Take note of an announcement (CN 1001); one without any serial is passed over."""
        facts: dict[str, object] = {
            code: item["Info"]
            for code, item in data_of(frame).items.items()
            if code in IDENTITIES and item.get("Info")
        }
        serial = str(next((facts[code] for code in IDENTITIES if code in facts), ""))
        if not serial:
            return
        known = self._here.pop(serial, None)
        newcomer = self._here[serial] = Newcomer(serial, caller, frame, facts)
        if len(self._here) > MOST:
            self._here.popitem(last=False)
        self._arrived.set()
        self._arrived = asyncio.Event()
        if known is None or known.caller is not caller:
            self.on_arrival(newcomer)

    def left(self, caller: Caller) -> None:
        """Forget a connection."""
        for serial in [name for name, one in self._here.items() if one.caller is caller]:
            del self._here[serial]

    async def reachable(self, serial: str) -> Newcomer:
        """Wait until the data logger of this serial has announced itself."""
        while (found := self._here.get(serial)) is None:
            await self._arrived.wait()
        return found


def _unnoticed(newcomer: Newcomer) -> None:
    del newcomer
