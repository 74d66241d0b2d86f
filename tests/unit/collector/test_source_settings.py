"""Settings of sources: what is wrong is told by the field's full name."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from edge_greengrass.collector.sources.modbus import Modbus
from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.registers import Form, Order, Table
from edge_greengrass.settings import BadSettings

HERE = Path()
PLC: dict[str, Any] = {
    "name": "fgd-plc",
    "kind": "modbus",
    "outletId": "stack-1",
    "host": "192.0.2.7",
    "seconds": 1,
    "channels": [
        {
            "channel": "g10401",
            "address": 100,
            "type": "float32",
            "order": "CDAB",
            "scale": 0.1,
            "decimals": 1,
            "high": 400,
        },
        {"channel": "g10301", "table": "coil", "address": 3, "decimals": 0},
    ],
}


def changed(path: tuple[str | int, ...], value: object) -> list[dict[str, Any]]:
    found = deepcopy(PLC)
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return [found]


def test_a_modbus_device_is_read_as_it_is_written() -> None:
    (found,) = sources_of([PLC], HERE)
    assert isinstance(found, Modbus)
    assert (found.terms.name, found.terms.subject, found.period) == ("fgd-plc", "stack-1", 1.0)
    assert [one.code for one in found.channels] == ["g10401", "g10301"]
    current, state = found.registers
    assert (current.form, current.order, current.address) == (Form.FLOAT32, Order.CDAB, 100)
    assert (state.table, state.form) == (Table.COIL, Form.BIT)


def test_the_same_settings_give_equal_sources() -> None:
    assert sources_of([PLC], HERE) == sources_of([deepcopy(PLC)], HERE)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("kind",), "profibus", "sources[0].kind: 'profibus' is none of"),
        (("host",), "", "sources[0].host: '' is no text"),
        (("port",), 70_000, "sources[0].port: 70000 is no whole number from 1 to 65535"),
        (("seconds",), 0, "sources[0].seconds: 0 is not from 0.01"),
        (("channels",), [], "sources[0].channels: no list with something in it"),
        (("channels", 0, "channel"), "SO2;x", "sources[0].channels[0].channel: 'SO2;x'"),
        (("channels", 0, "address"), 65_535, "channels[0].address: float32 reaches beyond"),
        (("channels", 0, "address"), True, "channels[0].address: True is no whole number"),
        (("channels", 0, "type"), "float16", "sources[0].channels[0].type: 'float16' is none"),
        (("channels", 0, "order"), "BACD", "sources[0].channels[0].order: 'BACD' is none of"),
        (("channels", 0, "scale"), "0.1", "sources[0].channels[0].scale: '0.1' is no number"),
        (("channels", 0, "decimal"), 1, "sources[0].channels[0].decimal: no such setting"),
        (("channels", 1, "type"), "int16", "channels[1].type: int16 does not lie in a table"),
        (("channels", 1, "channel"), "g10401", "channels[1].channel: g10401 stands twice"),
        (("pointsPerSecond",), 0, "sources[0].pointsPerSecond: 0 is not from 0.01"),
    ],
)
def test_a_fault_is_told_by_the_name_of_its_field(
    path: tuple[str | int, ...], value: object, told: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        sources_of(changed(path, value), HERE)
    assert told in refused.value.message


def test_two_sources_of_one_name_are_refused() -> None:
    with pytest.raises(BadSettings, match=r"sources\[1\]\.name: 'fgd-plc' stands twice"):
        sources_of([PLC, deepcopy(PLC)], HERE)
