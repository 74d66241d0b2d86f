"""Registers of Modbus: which are asked for together, and what the numbers in them are."""

import pytest

from edge_greengrass.collector.sources.registers import (
    Form,
    Order,
    Reading,
    Register,
    Request,
    Table,
    requests_for,
)


def at(address: int, form: Form = Form.UINT16, **more: object) -> Register:
    fields = {"unit": 1, "table": Table.HOLDING, "order": Order.ABCD, "bit": -1, **more}
    return Register(address=address, form=form, **fields)


def read(register: Register, *entries: int) -> float:
    request = Request(1, register.table, register.address, len(entries), (0,))
    return float(Reading(request, [register]).numbers(entries)[0])


@pytest.mark.parametrize(
    ("form", "order", "entries", "number"),
    [
        # IEEE 754: 36.6 is 42 12 66 66; the four layouts makers use for it.
        (Form.FLOAT32, Order.ABCD, (0x4212, 0x6666), 36.599998474121094),
        (Form.FLOAT32, Order.CDAB, (0x6666, 0x4212), 36.599998474121094),
        (Form.FLOAT32, Order.BADC, (0x1242, 0x6666), 36.599998474121094),
        (Form.FLOAT32, Order.DCBA, (0x6666, 0x1242), 36.599998474121094),
        (Form.INT32, Order.ABCD, (0xFFFF, 0xFFFE), -2),
        (Form.INT32, Order.CDAB, (0xFFFE, 0xFFFF), -2),
        (Form.UINT32, Order.ABCD, (0x0001, 0x86A0), 100_000),
        (Form.INT16, Order.ABCD, (0xFF38,), -200),
        (Form.INT16, Order.BADC, (0x38FF,), -200),
        (Form.UINT16, Order.ABCD, (0xFF38,), 65_336),
        (Form.FLOAT64, Order.ABCD, (0x3FF8, 0, 0, 0), 1.5),
        (Form.FLOAT64, Order.DCBA, (0, 0, 0, 0xF83F), 1.5),
        (Form.UINT64, Order.CDAB, (0x4240, 0x000F, 0, 0), 1_000_000),
    ],
)
def test_a_number_is_read_in_the_layout_its_maker_chose(
    form: Form, order: Order, entries: tuple[int, ...], number: float
) -> None:
    assert read(at(0, form, order=order), *entries) == number


def test_one_bit_of_a_register_is_read_alone() -> None:
    assert read(at(7, bit=4), 0b1_0000) == 1
    assert read(at(7, bit=3), 0b1_0000) == 0


def test_neighbours_share_a_request() -> None:
    registers = [at(100, Form.FLOAT32), at(0), at(102, Form.FLOAT32), at(106, Form.FLOAT32)]
    assert requests_for(registers) == (
        Request(1, Table.HOLDING, 0, 1, (1,)),
        Request(1, Table.HOLDING, 100, 4, (0, 2)),
        Request(1, Table.HOLDING, 106, 2, (3,)),
    )


def test_a_gap_is_read_along_where_the_device_is_said_to_bear_it() -> None:
    registers = [at(100, Form.FLOAT32), at(104, Form.FLOAT32)]
    assert requests_for(registers, 2) == (Request(1, Table.HOLDING, 100, 6, (0, 1)),)


def test_no_request_asks_for_more_than_the_protocol_allows() -> None:
    registers = [at(2 * place, Form.FLOAT32) for place in range(100)]
    requests = requests_for(registers)
    assert [one.count for one in requests] == [124, 76]
    assert [one.address for one in requests] == [0, 124]
    bits = [at(place, Form.BIT, table=Table.COIL) for place in range(2001)]
    assert [one.count for one in requests_for(bits)] == [2000, 1]


def test_units_and_tables_are_asked_apart() -> None:
    registers = [at(0), at(1, unit=2), at(1, table=Table.INPUT), at(1)]
    assert requests_for(registers) == (
        Request(1, Table.HOLDING, 0, 2, (0, 3)),
        Request(1, Table.INPUT, 1, 1, (2,)),
        Request(2, Table.HOLDING, 1, 1, (1,)),
    )


def test_numbers_of_several_layouts_come_out_of_one_answer_in_their_places() -> None:
    registers = [
        at(10, Form.FLOAT32, order=Order.CDAB), at(12, Form.INT16), at(13), at(12, bit=15),
        at(14, Form.FLOAT32, order=Order.CDAB),
    ]  # fmt: skip
    (request,) = requests_for(registers)
    numbers = Reading(request, registers).numbers((0, 0x3F80, 0x8000, 7, 0, 0x4000))
    by_channel = dict(zip(request.channels, numbers.tolist(), strict=True))
    assert by_channel == {0: 1.0, 1: -32_768.0, 2: 7.0, 3: 1.0, 4: 2.0}
