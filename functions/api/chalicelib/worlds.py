"""What the use cases read from, joined out of the ports."""

from plume.aws import wiring
from plume.usecases.read_media import MediaReading
from plume.usecases.show_standing import StandingWorld


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
    )
