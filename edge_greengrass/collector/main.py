"""The collector (采集组件): HJ 212 over TCP and polled points in, durable records out.

Listens   the configured TCP ports
Reads     commands, `home/commands-collector`, which the uplink writes
Asks      the configured sources: Modbus, OPC UA, HTTP, folders
Shows     what it has kept, on the socket `home/tap.sock`
Writes    the logs `home/intake` (frames, events) and `home/telemetry`, which the uplink reads
Says      JSON lines: opened, connected, disconnected, source, health, commit_failed,
          settings_applied, settings_refused, stopped
On error  a frame that is not durable is not answered, and its data logger sends it again
"""

import asyncio
import sys
from collections.abc import Callable, Sequence

from edge_greengrass.collector.configuration import Configuration, configuration
from edge_greengrass.collector.reloading import Reloading
from edge_greengrass.collector.works import Works
from edge_greengrass.ending import status_of, told_to_stop
from edge_greengrass.journal import Journal
from edge_greengrass.settings import changes, seed_fingerprint, settings

PROGRAM = "edge_greengrass.collector"
SWITCH_SECONDS = 0.0005
"""After which a thread that has reached the disk gets its turn again; 5 ms if nothing is said."""


def main(arguments: Sequence[str]) -> int:
    """Run the collector until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("collector")
    sys.setswitchinterval(SWITCH_SECONDS)

    def work() -> int:
        found = settings(PROGRAM, arguments)
        seed_fingerprint(found)
        chosen = configuration(found)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(collect(chosen, arguments, journal))

    return status_of(work, journal)


async def collect(chosen: Configuration, arguments: Sequence[str], journal: Journal) -> int:
    """Collect until told to stop; take over what changes in the settings."""
    works = Works(chosen, journal)
    try:
        ports = await works.open()
    except OSError as fault:
        journal.tell("port_unavailable", reason=str(fault))
        return 1
    journal.tell("opened", thing=chosen.thing, addresses=ports, outlets=len(chosen.stations))
    reloading = Reloading(works, lambda: configuration(settings(PROGRAM, arguments)), journal)
    beside = [
        asyncio.create_task(_health(works, journal)),
        asyncio.create_task(reloading.run()),
        asyncio.create_task(changes(PROGRAM, arguments, reloading.bell)),
    ]
    broken = await _until_told(works, beside)
    works.close()
    reason = repr(broken) if broken else "told to"
    journal.tell("stopped", reason=reason, **works.floor.counts)
    return 1 if broken else 0


async def _until_told(works: Works, beside: Sequence[asyncio.Task[None]]) -> BaseException | None:
    """Collect until told to stop, then part in order; give what broke the work, if anything."""
    told = asyncio.create_task(told_to_stop())
    working = [asyncio.create_task(works.run()), *beside]
    await asyncio.wait({told, *working}, return_when="FIRST_COMPLETED")
    await works.part()
    broken = next((one.exception() for one in working if one.done()), None)
    for one in (told, *working):
        one.cancel()
    return broken


async def _health(works: Works, journal: Journal) -> None:
    while True:
        await asyncio.sleep(works.chosen.health_seconds)
        journal.tell(
            "health",
            connections=works.server.connections,
            sources=works.roster.figures(),
            **works.floor.counts,
        )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give uvloop where it is installed: twice the frames per second of the loop of asyncio."""
    try:
        import uvloop  # noqa: PLC0415, not on every platform
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
