"""The twins as the program that `make run` starts: one process, all plants, labels on the side."""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient

from tests.component.patience import PATIENCE


def written(folder: Path, **changed: object) -> Path:
    plant = {
        "kind": "coal_unit",
        "outletId": "north-1",
        "mn": "010000A8900016F00016A001",
        "password": "123456",
        "host": "127.0.0.1",
        "port": 9,  # discard: nobody listens
        "seed": 5,
        "mischief": "all",
        "modbusPort": 0,
    }
    file = folder / "twins.json"
    file.write_text(json.dumps({"plants": [plant | changed]}))
    return file


async def started(config: Path) -> asyncio.subprocess.Process:
    labels = config.with_name("labels.jsonl")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge_greengrass.twin", "--config", str(config),
        "--labels", str(labels),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_it_writes_labels_opens_the_control_system_and_goes_when_told(
    tmp_path: Path,
) -> None:
    program = await started(written(tmp_path))
    assert program.stdout is not None
    async with asyncio.timeout(PATIENCE):
        told = json.loads(await program.stdout.readline())
        while told["event"] != "control_system":
            told = json.loads(await program.stdout.readline())
        client = AsyncModbusTcpClient("127.0.0.1", port=told["port"])
        assert await client.connect()
        answer = await client.read_holding_registers(0, count=2, device_id=1)
        client.close()
        program.send_signal(signal.SIGTERM)
        assert await program.wait() == 0
    load = client.convert_from_registers(answer.registers, client.DATATYPE.FLOAT32)
    assert 0 <= load <= 310
    labels = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert {label["plant"] for label in labels} == {"north-1"}
    assert len(labels) >= 16
    ends = [datetime.fromisoformat(label["to"]) for label in labels]
    assert max(ends) > datetime.now(tz=UTC)


async def test_a_configuration_at_fault_is_told_in_one_line(tmp_path: Path) -> None:
    program = await started(written(tmp_path, mischief=["magic"]))
    async with asyncio.timeout(PATIENCE):
        _, told = await program.communicate()
    assert program.returncode == 2
    assert b"magic" in told
    assert len(told.splitlines()) == 1
