"""Modbus RTU on a pseudo-terminal, with a slave that shares no code with Plume."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.source import Source
from plume.model.event import SourceState
from tests.component.patience import until
from tests.component.test_sources import Shelf, checked, roster

REQUEST_BYTES = 8


def crc(message: bytes) -> bytes:
    """Modbus over serial line 1.02, 6.2.2: CRC-16, low byte first."""
    register = 0xFFFF
    for byte in message:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register.to_bytes(2, "little")


class Slave:
    """Unit 7: input registers 30 and 31 hold 36.6 as a float, low register first."""

    def __init__(self) -> None:
        self.line, self._far = os.openpty()
        tty.setraw(self._far)
        self.device = os.ttyname(self._far)
        self.mute = False
        self._heard = b""

    def hear(self) -> None:
        self._heard += os.read(self.line, 256)
        while len(self._heard) >= REQUEST_BYTES:
            request, self._heard = self._heard[:REQUEST_BYTES], self._heard[REQUEST_BYTES:]
            assert crc(request[:6]) == request[6:]
            if not self.mute:
                assert request[:6] == bytes.fromhex("07 04 001E 0002")
                answer = bytes.fromhex("07 04 04 6666 4212")
                os.write(self.line, answer + crc(answer))

    def close(self) -> None:
        os.close(self.line)
        os.close(self._far)


@asynccontextmanager
async def slave() -> AsyncIterator[Slave]:
    one = Slave()
    loop = asyncio.get_running_loop()
    loop.add_reader(one.line, one.hear)
    try:
        yield one
    finally:
        loop.remove_reader(one.line)
        one.close()


def serial(device: str) -> Source:
    channel = {
        "channel": "g10401", "table": "input", "address": 30, "type": "float32",
        "order": "CDAB", "decimals": 1,
    }  # fmt: skip
    found = {
        "name": "pump",
        "kind": "modbus",
        "outletId": "stack-1",
        "transport": "rtu",
        "serial": {"device": device, "baud": 19200},
        "unit": 7,
        "seconds": 0.05,
        "blockSeconds": 0.1,
        "timeoutSeconds": 0.2,
        "channels": [channel],
    }
    (source,) = sources_of([found], Path())
    return source


async def test_registers_behind_a_serial_line_are_polled_and_a_mute_unit_is_failing() -> None:
    shelf = Shelf()
    async with slave() as unit, roster(shelf, serial(unit.device)) as known:
        await until(lambda: shelf.values("g10401"))
        assert set(shelf.values("g10401")) == {36.6}
        unit.mute = True
        await until(lambda: checked(known, shelf, SourceState.FAILING))
        unit.mute = False
        before = len(shelf.values("g10401"))
        await until(lambda: len(shelf.values("g10401")) > before)
