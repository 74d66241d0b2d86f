"""Registers of Modbus: which are read together, and which numbers lie in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.collector.sources.fields import Fields

MOST_REGISTERS = 125
MOST_BITS = 2_000
"""Of one request: Modbus application protocol 1.1b3, 6.1 to 6.4."""
_LAST_ADDRESS = 0xFFFF


class Table(StrEnum):
    """The four tables of Modbus."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"

    @property
    def of_bits(self) -> bool:
        """Whether its entries are single bits."""
        return self in {Table.COIL, Table.DISCRETE}


class Form(StrEnum):
    """How a number is laid out."""

    BIT = "bit"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def width(self) -> int:
        """How many registers, or bits, it takes."""
        return 1 if self is Form.BIT else np.dtype(self.value).itemsize // 2


class Order(StrEnum):
    """Where the most significant byte of a number stands, as makers write it for 32 bits."""

    ABCD = "ABCD"
    """Everything high first: what the protocol itself does."""
    CDAB = "CDAB"
    """Low register first."""
    BADC = "BADC"
    """Bytes of each register swapped."""
    DCBA = "DCBA"
    """Everything low first."""


@dataclass(frozen=True, slots=True)
class Register:
    """Where a channel lies: `address` from 0, as on the wire; `bit` of a register, or -1."""

    unit: int
    table: Table
    address: int
    form: Form
    order: Order
    bit: int

    @property
    def end(self) -> int:
        """Behind its last register."""
        return self.address + self.form.width


@dataclass(frozen=True, slots=True)
class Request:
    """One question: `count` entries of one table of one unit, and whose they are."""

    unit: int
    table: Table
    address: int
    count: int
    channels: tuple[int, ...]


def register_of(fields: Fields, unit: int) -> Register:
    """Read where a channel lies.

    Raises:
        BadSettings: naming the field.
    """
    table = fields.choice("table", Table, Table.HOLDING)
    form = fields.choice("type", Form, Form.BIT if table.of_bits else Form.UINT16)
    register = Register(
        unit=fields.whole("unit", 0, 255, unit),
        table=table,
        address=fields.whole("address", 0, _LAST_ADDRESS),
        form=form,
        order=fields.choice("order", Order, Order.ABCD),
        bit=fields.whole("bit", 0, 15, -1) if fields.has("bit") else -1,
    )
    if table.of_bits != (form is Form.BIT and register.bit < 0):
        raise fields.bad("type", f"{form} does not lie in a table of {table}s")
    if register.end > _LAST_ADDRESS + 1:
        raise fields.bad("address", f"{form} reaches beyond {_LAST_ADDRESS}")
    return register


def requests_for(registers: Sequence[Register], gap: int = 0) -> tuple[Request, ...]:
    """Join what lies side by side into as few requests as the protocol allows.

    So many unwanted entries as `gap` says may be read along; many devices refuse a request that
    touches one they do not have, so it is 0 unless the device is known to bear it.
    """
    ordered = sorted(range(len(registers)), key=lambda at: _place(registers[at]))
    requests: list[Request] = []
    for (unit, table), group in groupby(ordered, lambda at: _bank(registers[at])):
        most = MOST_BITS if table.of_bits else MOST_REGISTERS
        wanted = [(at, registers[at]) for at in group]
        requests += [
            Request(unit, table, start, end - start, channels)
            for start, end, channels in _joined(wanted, most, gap)
        ]
    return tuple(requests)


def _joined(
    wanted: Sequence[tuple[int, Register]], most: int, gap: int
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Give `[start, end)` and the channels of each request; `wanted` by address."""
    start = end = wanted[0][1].address
    channels: list[int] = []
    for at, one in wanted:
        if channels and (one.address > end + gap or max(end, one.end) - start > most):
            yield start, end, tuple(channels)
            start, end, channels = one.address, one.address, []
        end = max(end, one.end)
        channels.append(at)
    yield start, end, tuple(channels)


def _bank(register: Register) -> tuple[int, Table]:
    return register.unit, register.table


def _place(register: Register) -> tuple[int, Table, int]:
    return register.unit, register.table, register.address


class Reading:
    """Takes the numbers of all channels of one request out of its registers, at once."""

    def __init__(self, request: Request, registers: Sequence[Register]) -> None:
        self._groups: list[tuple[NDArray[np.intp], NDArray[np.intp], Form]] = []
        self._bits: list[tuple[int, int, int]] = []
        alike: dict[tuple[Form, Order], list[int]] = {}
        for row, channel in enumerate(request.channels):
            one = registers[channel]
            if one.bit >= 0:
                self._bits.append((row, one.address - request.address, one.bit))
            else:
                alike.setdefault((one.form, one.order), []).append(row)
        for (form, order), rows in alike.items():
            first = [registers[request.channels[row]].address - request.address for row in rows]
            places = np.array(first)[:, None] * _entry(form) + _bytes_of(form, order)
            self._groups.append((np.array(rows), places, form))
        self._count = len(request.channels)

    def numbers(self, entries: Sequence[int]) -> NDArray[np.float64]:
        """Give the raw numbers, shape (channels of the request,), in the request's order."""
        found = np.empty(self._count)
        wide = np.array(entries, dtype=">u2")
        raw = wide.view(np.uint8)
        for rows, places, form in self._groups:
            if form is Form.BIT:
                found[rows] = wide[places[:, 0]]
            else:
                found[rows] = raw[places].view(np.dtype(form.value).newbyteorder(">"))[:, 0]
        for row, place, bit in self._bits:
            found[row] = int(wide[place]) >> bit & 1
        return found


def _entry(form: Form) -> int:
    return 1 if form is Form.BIT else 2


def _bytes_of(form: Form, order: Order) -> NDArray[np.intp]:
    """Give where the bytes of a number lie, the most significant first, from its beginning."""
    if form is Form.BIT:
        return np.zeros(1, np.intp)
    pairs = np.arange(2 * form.width).reshape(form.width, 2)
    if order in {Order.CDAB, Order.DCBA}:
        pairs = pairs[::-1]
    if order in {Order.BADC, Order.DCBA}:
        pairs = pairs[:, ::-1]
    return pairs.reshape(-1)
