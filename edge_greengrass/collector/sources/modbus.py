"""Modbus over TCP or a serial line (RTU): registers polled at a steady pace.

The device keeps no time, so a point carries the time at which its registers were answered for. A
request that the device refuses (an exception answer) flags its channels B, without a value. So
does one that a unit of the line leaves unanswered; after two such it is asked ever more rarely,
lest a dead unit take the line from the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import time

import numpy as np
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException, ModbusIOException
from pymodbus.pdu import ModbusPDU

from edge_greengrass.collector.sources.channel import (
    COMMUNICATION,
    NORMAL,
    Channel,
    Scales,
    channel_of,
)
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.registers import (
    MOST_REGISTERS,
    Reading,
    Register,
    Request,
    Table,
    register_of,
    requests_for,
)
from edge_greengrass.collector.sources.source import (
    Kind,
    Points,
    Sink,
    Terms,
    require_unique,
    terms_of,
)
from plume.errors import Unavailable

Client = AsyncModbusTcpClient | AsyncModbusSerialClient
_Read = Callable[..., Awaitable[ModbusPDU]]


FIRST_ABSENCE, LONGEST_ABSENCE = 15.0, 300.0
"""How long a unit that left two rounds unanswered is not asked [s]: doubled each time."""
MOST_DOUBLINGS = 10
"""More would only make a number that no float holds, when a unit is away for days."""


class Transport(StrEnum):
    """Over what the device is reached."""

    TCP = "tcp"
    RTU = "rtu"


class Parity(StrEnum):
    """Of a serial line."""

    NONE = "N"
    EVEN = "E"
    ODD = "O"


@dataclass(frozen=True, slots=True)
class Line:
    """How the device is reached; `host` is the name of the serial device for RTU."""

    transport: Transport
    host: str
    port: int
    baud: int
    parity: Parity
    stop_bits: int
    timeout: float


@dataclass(frozen=True, slots=True)
class Modbus:
    """One Modbus device, or several units on one line."""

    terms: Terms
    line: Line
    period: float
    gap: int
    channels: Sequence[Channel]
    registers: Sequence[Register]

    async def run(self, sink: Sink) -> None:
        """Poll for ever, at `period` [s] or as fast as the line and the sink allow."""
        requests = requests_for(self.registers, self.gap)
        readings = [Reading(one, self.registers) for one in requests]
        poll = _Poll(tuple(zip(requests, readings, strict=True)), Scales(self.channels))
        client = _client(self.line)
        try:
            if not await client.connect():
                raise Unavailable(f"{self.line.host}:{self.line.port} does not answer")
            await self._poll_for_ever(client, poll, sink)
        except ModbusException as fault:
            raise Unavailable(str(fault)) from fault
        finally:
            client.close()

    async def _poll_for_ever(self, client: Client, poll: "_Poll", sink: Sink) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            await sink.give(await poll.points(client))
            due = max(due + self.period, clock())
            await asyncio.sleep(due - clock())


@dataclass(slots=True)
class _Absence:
    """How often in a row a unit gave no answer, and when it is asked again (monotonic, [s])."""

    missed: int = 0
    until: float = 0.0

    def note(self, now: float) -> None:
        """Note one more request without an answer."""
        self.missed += 1
        if self.missed > 1:
            doubled = min(self.missed - 2, MOST_DOUBLINGS)
            pause = min(FIRST_ABSENCE * 2**doubled, LONGEST_ABSENCE)
            self.until = now + pause


@dataclass(frozen=True, slots=True)
class _Poll:
    """Rounds of requests, and which units gave no answer to the last ones."""

    requests: Sequence[tuple[Request, Reading]]
    scales: Scales
    absent: dict[int, _Absence] = field(default_factory=dict)

    async def points(self, client: Client) -> Points:
        """Ask for all registers once.

        Raises:
            ModbusException: the connection is lost.
            Unavailable: no unit answered.
        """
        count = sum(len(request.channels) for request, _ in self.requests)
        raw = np.full((count, 1), np.nan)
        flags = np.full((count, 1), COMMUNICATION, np.uint8)
        read, silent, heard = _readers(client), set[int](), False
        for request, reading in self.requests:
            answer = None if request.unit in silent else await self._answer(read, request)
            if answer is None:
                silent.add(request.unit)
                continue
            heard = True
            if not answer.isError():
                rows = list(request.channels)
                raw[rows, 0] = reading.numbers(_entries(answer, request))
                flags[rows] = NORMAL
        if not heard:
            raise Unavailable("no unit of the line answers")
        values, flags = self.scales.apply(raw, flags)
        return Points(np.array([int(time() * 1000)], np.int64), values, flags)

    async def _answer(self, read: Mapping[Table, _Read], request: Request) -> ModbusPDU | None:
        """Ask once; None where the unit gives no answer, or is left alone after giving none."""
        clock = asyncio.get_running_loop().time
        absence = self.absent.setdefault(request.unit, _Absence())
        if clock() < absence.until:
            return None
        try:
            answer = await read[request.table](
                request.address, count=request.count, device_id=request.unit
            )
        except ModbusIOException:
            absence.note(clock())
            return None
        absence.missed = 0
        return answer


def modbus_of(fields: Fields) -> Modbus:
    """Read the settings of a Modbus source.

    Raises:
        BadSettings: naming the field.
    """
    terms = terms_of(fields, Kind.MODBUS)
    line = _line(fields)
    unit = fields.whole("unit", 0, 255, 1)
    period = fields.number("seconds", 0.01, 86_400.0, 5.0)
    gap = fields.whole("gap", 0, MOST_REGISTERS, 0)
    channels, registers = [], []
    for one in fields.each("channels"):
        channels.append(channel_of(one))
        registers.append(register_of(one, unit))
        one.done()
    require_unique(channels, fields)
    fields.done()
    return Modbus(terms, line, period, gap, tuple(channels), tuple(registers))


def _line(fields: Fields) -> Line:
    transport = fields.choice("transport", Transport, Transport.TCP)
    serial = fields.part("serial")
    over_tcp = transport is Transport.TCP
    line = Line(
        transport=transport,
        host=fields.text("host") if over_tcp else serial.text("device"),
        port=fields.whole("port", 1, 65_535, 502) if over_tcp else 0,
        baud=serial.whole("baud", 300, 1_000_000, 9_600),
        parity=serial.choice("parity", Parity, Parity.NONE),
        stop_bits=serial.whole("stopBits", 1, 2, 1),
        timeout=fields.number("timeoutSeconds", 0.05, 60.0, 3.0),
    )
    serial.done()
    return line


def _client(line: Line) -> Client:
    if line.transport is Transport.TCP:
        return AsyncModbusTcpClient(
            line.host,
            port=line.port,
            timeout=line.timeout,
            retries=1,
            reconnect_delay=0,
            framer=FramerType.SOCKET,
        )
    return AsyncModbusSerialClient(
        line.host,
        baudrate=line.baud,
        parity=line.parity.value,
        stopbits=line.stop_bits,
        timeout=line.timeout,
        retries=1,
        reconnect_delay=0,
    )


def _readers(client: Client) -> Mapping[Table, _Read]:
    return {
        Table.COIL: client.read_coils,
        Table.DISCRETE: client.read_discrete_inputs,
        Table.HOLDING: client.read_holding_registers,
        Table.INPUT: client.read_input_registers,
    }


def _entries(answer: ModbusPDU, request: Request) -> Sequence[int]:
    """Give the registers or bits of an answer.

    Raises:
        Unavailable: fewer came than were asked for.
    """
    entries: Sequence[int] = answer.bits if request.table.of_bits else answer.registers
    if len(entries) < request.count:
        raise Unavailable(f"{len(entries)} of {request.count} registers came")
    return entries[: request.count]
