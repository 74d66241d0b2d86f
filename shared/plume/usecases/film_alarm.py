"""Film what an alarm speaks of: each camera of its outlet is asked for a clip (报警录像)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.model.alarm import Alarm, Condition
from plume.model.camera import Camera
from plume.model.command import FILM, Command, CommandKind
from plume.model.finding import Finding
from plume.model.identity import AlarmId, CameraId
from plume.ports.alarms import Alarms
from plume.ports.notices import DeviceCommands
from plume.ports.registry import Registry

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=10)
"""What a clip shows on each side of what happened."""
ASKED_WITHIN = timedelta(minutes=10)
"""How long after an alarm was raised its clip is asked for again, whenever its finding comes."""
OLD_NEWS = timedelta(hours=1)
"""What is told so late, after an outage, is not filmed: the cameras keep a day at most, and every
late hour would ask for its film at once. Our choice."""


@dataclass(frozen=True, slots=True)
class FilmWorld:
    """What filming asks of the world."""

    alarms: Alarms
    registry: Registry
    device_commands: DeviceCommands


def film_alarm(finding: Finding, *, world: FilmWorld, now: datetime) -> int:
    """Ask for the clips of the alarm that this finding has just raised; give how many.

    Called for every finding, told again or not: a device obeys an id once, so that what a crash
    left out is made up for and nothing is filmed twice. One that holds has raised nothing.
    """
    if not finding.broken:
        return 0
    episodes = world.alarms.episodes(finding.rule.id, finding.outlet, finding.factor)
    alarm = next((one for one in episodes if one.condition is Condition.ACTIVE), None)
    if alarm is None or not _is_news(alarm, now):
        return 0
    cameras = world.registry.cameras_of([alarm.outlet])[alarm.outlet]
    for camera in cameras:
        world.device_commands.send(_clip(alarm, camera, now))
    return len(cameras)


def clip_cause(alarm: AlarmId, camera: CameraId) -> str:
    """Name the command that films an alarm by one camera: the cause of its clip."""
    return f"{FILM}{alarm}-{camera.rpartition('-')[2]}"


def _is_news(alarm: Alarm, now: datetime) -> bool:
    return now - alarm.raised_at <= ASKED_WITHIN and now - alarm.last_at <= OLD_NEWS


def _clip(alarm: Alarm, camera: Camera, now: datetime) -> Command:
    start, end = alarm.last_at - BEFORE, alarm.last_at + AFTER
    return Command(
        id=clip_cause(alarm.id, camera.id),
        thing=camera.thing,
        kind=CommandKind.CLIP,
        issued_at=now,
        expires_at=now + ASKED_WITHIN,
        outlet=camera.outlet,
        arguments={"camera": camera.id, "start": start.isoformat(), "end": end.isoformat()},
    )
