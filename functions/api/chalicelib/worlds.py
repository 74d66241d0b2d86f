"""What the use cases read from, joined out of the ports."""

from plume.aws import wiring
from plume.usecases.read_media import MediaReading
from plume.usecases.show_standing import StandingWorld
from plume.usecases.watch_camera import LiveWorld


def standing() -> StandingWorld:
    """Give what a standing is read from."""
    return StandingWorld(
        registry=wiring.registry(), latest=wiring.latest(), alarms=wiring.alarms()
    )


def media() -> MediaReading:
    """Give what media are read from."""
    return MediaReading(
        registry=wiring.registry(),
        media=wiring.media(),
        media_objects=wiring.media_objects(),
        operations=wiring.operations(),
        audit=wiring.audit(),
    )


def live() -> LiveWorld:
    """Give what a live view asks of the world."""
    return LiveWorld(
        registry=wiring.registry(),
        media_objects=wiring.media_objects(),
        device_commands=wiring.device_commands(),
        audit=wiring.audit(),
    )
