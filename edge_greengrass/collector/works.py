"""The collector put together: ports, sources, the way to the disk."""

import asyncio

from edge_greengrass.collector.allowance import Allowance
from edge_greengrass.collector.configuration import Configuration
from edge_greengrass.collector.desk import Floor
from edge_greengrass.collector.dialogue.opening import Given, attached, not_readable, opened_clock
from edge_greengrass.collector.intake import Intake
from edge_greengrass.collector.judging import Judge
from edge_greengrass.collector.server import Server
from edge_greengrass.collector.sources.roster import Roster
from edge_greengrass.collector.steady_clock import SteadyClock
from edge_greengrass.collector.tap import Tap
from edge_greengrass.home import FRAMES, TAP, TELEMETRY
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.settings import BadSettings


class Works:
    """Everything that runs in one collector.

    Two logs, each with a thread of its own: points that wait for a sync do not hold up frames.

    Attributes:
        reload: reads the settings again when a command asks for it; `Reloading` puts itself here.
    """

    def __init__(self, chosen: Configuration, journal: Journal) -> None:
        self.chosen, self._journal = chosen, journal
        chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        frames = self._log(FRAMES, chosen.intake_bytes)
        points = self._log(TELEMETRY, chosen.telemetry_bytes)
        self._logs = (frames, points)
        self.tap = Tap(chosen.home / TAP)
        self.intake = Intake(frames, self._on_fault, self.tap.show)
        self._points = Intake(points, self._on_fault, self.tap.show)
        key = outbox_key(chosen.home)
        clock = opened_clock(chosen.home, key)
        self.floor = _floor(chosen, self.intake, clock)
        self.reload = not_readable
        given = Given(chosen, key, clock, self.intake.tell, journal, self._read_again)
        self._dialogues = attached(given, self.floor)
        self._talking: asyncio.Task[None] | None = None
        self.server = Server(self.floor, journal)
        self.roster = Roster(self._points.keep_blocks, self.intake.tell, journal)

    async def open(self) -> list[tuple[str, int]]:
        """Listen and start the sources; give the addresses in the order of the listeners.

        Raises:
            OSError: a port is taken or not ours to open.
        """
        addresses = await self.server.apply(self.chosen.listeners)
        await self._open_tap()
        await self.roster.apply(self.chosen.sources)
        return addresses

    async def apply(self, chosen: Configuration) -> list[tuple[str, int]]:
        """Go over to other settings without losing what is under way; give the addresses.

        What stays the same is not touched: neither the connections of a port nor a source.

        Raises:
            BadSettings: they cannot be had without a restart, or a port cannot be opened; the
                settings of before still hold.
        """
        _require_same_place(self.chosen, chosen)
        before, self.floor.bounds = self.floor.bounds, chosen.bounds
        try:
            addresses = await self.server.apply(chosen.listeners)
        except OSError as fault:
            self.floor.bounds = before
            raise BadSettings(f"listeners: {fault}", pointer="listeners") from fault
        if chosen.stations != self.chosen.stations:
            self._dialogues.configure(chosen.stations)
        self._dialogues.adjust(chosen.patience, chosen.filling)
        if chosen.bounds != before:
            self.floor.allowance = _allowance(chosen)
        await self.roster.apply(chosen.sources)
        self.chosen = chosen
        return addresses

    async def run(self) -> None:
        """Collect for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.intake.run())
            group.create_task(self._points.run())
            group.create_task(self.server.run())
            group.create_task(self.roster.run())
            self._talking = group.create_task(self._dialogues.run())

    async def part(self) -> None:
        """Let what is under way reach the disk and be answered; `run` must still be running.

        Dialogues end first: a command in the midst is taken up by the next run, not failed.
        """
        if self._talking is not None:
            self._talking.cancel()
            await asyncio.wait({self._talking})
        await asyncio.gather(self.server.close(), self.roster.close())

    def close(self) -> None:
        """Write and show no more."""
        self.tap.close()
        for one in (self.intake, self._points):
            one.close()
        for log in self._logs:
            log.close()

    async def _read_again(self) -> str:
        return await self.reload()

    async def _open_tap(self) -> None:
        """Show what is kept to listeners on site; without a tap all else goes on."""
        try:
            await self.tap.open()
        except OSError as fault:
            self._journal.tell("tap_unavailable", reason=str(fault))

    def _log(self, name: str, quota: int) -> AppendLog:
        home = self.chosen.home
        return AppendLog(home / name, key=outbox_key(home), quota_bytes=quota)

    def _on_fault(self, count: int, why: str) -> None:
        self._journal.tell("commit_failed", frames=count, why=why)


def _floor(chosen: Configuration, intake: Intake, clock: SteadyClock) -> Floor:
    return Floor(
        judge=Judge(chosen.stations, clock.now),
        intake=intake,
        allowance=_allowance(chosen),
        bounds=chosen.bounds,
    )


def _allowance(chosen: Configuration) -> Allowance:
    return Allowance(chosen.bounds.refusals, chosen.bounds.refusals_per_second)


def _require_same_place(before: Configuration, after: Configuration) -> None:
    """Refuse what only a restart can change: the logs are open.

    Raises:
        BadSettings: naming the setting.
    """
    fixed = {
        "thing": (before.thing, after.thing),
        "home": (before.home, after.home),
        "intakeBytes": (before.intake_bytes, after.intake_bytes),
        "telemetryBytes": (before.telemetry_bytes, after.telemetry_bytes),
    }
    for name, (old, new) in fixed.items():
        if old != new:
            raise BadSettings(f"{name}: {old} becomes {new} by a restart only", pointer=name)
