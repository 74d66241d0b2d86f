"""The control system of a plant (DCS): its points in holding registers, over Modbus TCP."""

import asyncio
from collections.abc import Sequence
from typing import cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge_greengrass.twin.clock import PlantClock
from edge_greengrass.twin.instruments import Instruments
from edge_greengrass.twin.registers import Register

UNIT = 1
SCAN_SECONDS = 10
"""How often the control system takes its points up [s]."""


class ControlSystem:
    """Answers with what the plant's points showed at the last scan; writes are refused.

    Args:
        instruments: whose points.
        clock: the plant's.
        registers: where each point lies; at least one.
    """

    def __init__(
        self, instruments: Instruments, clock: PlantClock, registers: Sequence[Register]
    ) -> None:
        self._instruments, self._clock = instruments, clock
        self._registers = registers
        self._filled_at = -1
        self._server: ModbusTcpServer | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen, and give the port.

        Raises:
            RuntimeError: the port is taken.
        """
        last = max(one.address + one.width for one in self._registers)
        memory = SimData(0, count=last, values=0, datatype=DataType.REGISTERS, readonly=True)
        device = SimDevice(id=UNIT, simdata=[memory], action=self._fill)
        self._server = ModbusTcpServer(device, address=(host, port))
        await self._server.serve_forever(background=True)
        listening = cast("asyncio.Server", self._server.transport)
        return int(listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]

    async def _fill(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        memory: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Bring the registers up to date before they are read."""
        del function, start, address, count
        if written:
            return ExcCodes.ILLEGAL_FUNCTION
        second = int(self._clock.now().timestamp())
        second -= second % SCAN_SECONDS
        if second != self._filled_at:
            shown = self._instruments.glance(second)
            for one in self._registers:
                words = one.words(float(shown.values[one.channel][0]))
                memory[one.address : one.address + one.width] = words
            self._filled_at = second
        return None
