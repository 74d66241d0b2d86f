"""Play the plants of a configuration file: `python -m edge_greengrass.twin --config FILE`."""

import asyncio
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_greengrass.journal import Journal
from edge_greengrass.twin import configuration, labels
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import BadConfiguration, PlantSettings
from edge_greengrass.twin.control_system import ControlSystem
from edge_greengrass.twin.data_logger import DataLogger, clock_of
from edge_greengrass.twin.registers import registers_of

LOOPBACK = "127.0.0.1"
LABELLED_AHEAD = timedelta(days=7)
"""How far ahead labels are written: what the seed will do is known."""


async def play(plants: Sequence[PlantSettings]) -> None:
    """Play all plants side by side until told to stop; one that breaks ends the program."""
    journal = Journal("twin")
    tasks = [asyncio.create_task(_play(one, journal)) for one in plants]
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, lambda: [task.cancel() for task in tasks])
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)


async def _play(settings: PlantSettings, journal: Journal) -> None:
    """Play one plant: its data logger, and its control system where it has one."""
    clock, instruments = clock_of(settings), instruments_of(settings)
    logger = DataLogger(settings, journal, clock, instruments)
    registers = registers_of(settings.kind)
    if settings.modbus_port is None or not registers:
        await logger.run()
        return
    system = ControlSystem(instruments, clock, registers)
    port = await system.open(LOOPBACK, settings.modbus_port)
    journal.tell("control_system", outlet=settings.outlet, port=port, points=len(registers))
    try:
        await logger.run()
    finally:
        await system.close()


def main() -> int:
    """Read the command line; 2 says that the configuration is at fault."""
    parser = ArgumentParser(prog="edge_greengrass.twin", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--labels", type=Path, help="where to write the labels of what is wrong")
    try:
        given = parser.parse_args()
        plants = configuration.read(given.config)
        if given.labels:
            _label(given.labels, plants)
    except (BadConfiguration, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    asyncio.run(play(plants))
    return 0


def _label(path: Path, plants: Sequence[PlantSettings]) -> None:
    now = datetime.now(tz=UTC)
    labels.write(path, plants, now, now + LABELLED_AHEAD)


if __name__ == "__main__":
    sys.exit(main())
