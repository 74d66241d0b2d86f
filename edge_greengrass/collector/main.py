"""The collector (采集组件): HJ 212 over TCP in, durable frames out.

Listens   the configured TCP ports
Reads     commands, `home/commands-collector`, which the uplink writes
Writes    the intake log, `home/intake`, which the uplink reads
Says      JSON lines: opened, connected, disconnected, health, commit_failed, stopped
On error  a frame that is not durable is not answered, and its data logger sends it again
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from edge_greengrass.collector.allowance import Allowance
from edge_greengrass.collector.configuration import Configuration, configuration
from edge_greengrass.collector.desk import Floor
from edge_greengrass.collector.dialogue.opening import Dialogues, Given, attached
from edge_greengrass.collector.intake import Intake
from edge_greengrass.collector.judging import Judge
from edge_greengrass.collector.server import Server
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import DamagedRing, ForeignHardware, outbox_key
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.settings import BadSettings, seed_fingerprint, settings

INTAKE = "intake"


def main(arguments: Sequence[str]) -> int:
    """Run the collector until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("collector")
    try:
        found = settings("edge_greengrass.collector", arguments)
        seed_fingerprint(found)
        chosen = configuration(found)
    except BadSettings as fault:
        journal.tell("bad_settings", reason=fault.message)
        return 2
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(collect(chosen, journal))
    except (ForeignHardware, DamagedRing) as fault:
        journal.tell("locked_out", reason=fault.message)
        return 3


async def collect(chosen: Configuration, journal: Journal) -> int:
    """Collect until told to stop."""
    log = _intake_log(chosen)
    intake = Intake(log, lambda frames, why: journal.tell("commit_failed", frames=frames, why=why))
    floor = _floor(chosen, intake)
    given = Given(chosen, outbox_key(chosen.home), _now, intake.tell, journal)
    dialogues = attached(given, floor)
    server = Server(floor, journal)
    try:
        ports = await server.open(chosen.listeners)
    except OSError as fault:
        journal.tell("port_unavailable", reason=str(fault))
        return 1
    journal.tell("opened", thing=chosen.thing, addresses=ports, outlets=len(chosen.stations))
    health = asyncio.create_task(_health(chosen, floor, server, journal))
    broken = await _until_told(intake, server, dialogues)
    health.cancel()
    log.close()
    journal.tell("stopped", reason=repr(broken) if broken else "told to", **floor.counts)
    return 1 if broken else 0


async def _until_told(
    intake: Intake, server: Server, dialogues: Dialogues
) -> BaseException | None:
    """Serve until told to stop, then part in order; give what broke the work, if anything."""
    told = asyncio.create_task(_told_to_stop())
    writing = asyncio.create_task(_work(intake, server))
    talking = asyncio.create_task(dialogues.run())
    await asyncio.wait({told, writing, talking}, return_when="FIRST_COMPLETED")
    broken = next((one.exception() for one in (writing, talking) if one.done()), None)
    talking.cancel()
    await server.close()
    told.cancel()
    writing.cancel()
    intake.close()
    return broken


async def _work(intake: Intake, server: Server) -> None:
    """Serve and write for ever."""
    async with asyncio.TaskGroup() as group:
        group.create_task(intake.run())
        group.create_task(server.run())


def _intake_log(chosen: Configuration) -> AppendLog:
    chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = outbox_key(chosen.home)
    return AppendLog(chosen.home / INTAKE, key=key, quota_bytes=chosen.intake_bytes)


def _floor(chosen: Configuration, intake: Intake) -> Floor:
    bounds = chosen.bounds
    return Floor(
        judge=Judge(chosen.stations, _now),
        intake=intake,
        allowance=Allowance(bounds.refusals, bounds.refusals_per_second),
        bounds=bounds,
    )


def _now() -> datetime:
    return datetime.now(tz=UTC)


async def _health(chosen: Configuration, floor: Floor, server: Server, journal: Journal) -> None:
    while True:
        await asyncio.sleep(chosen.health_seconds)
        journal.tell("health", connections=server.connections, **floor.counts)


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    await told.wait()


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
