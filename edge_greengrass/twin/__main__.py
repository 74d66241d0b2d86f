"""Play the plants of a configuration file: `python -m edge_greengrass.twin --config FILE`."""

import argparse
import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from edge_greengrass.twin.performance import Performance
from edge_greengrass.twin.program import performances


async def play(plants: list[Performance]) -> None:
    """Play all plants side by side until told to stop; one that breaks ends the program."""
    tasks = [asyncio.create_task(plant.play()) for plant in plants]
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, lambda: [task.cancel() for task in tasks])
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    for plant in plants:
        await plant.logger.hang_up()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    asyncio.run(play(performances(parser.parse_args().config)))


if __name__ == "__main__":
    main()
