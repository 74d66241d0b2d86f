"""Open one segment as it arrived, with the key that its device registered."""

from collections.abc import Callable

from plume.evidence.envelope import BadSegment, open_segment, peek
from plume.model.device import Device
from plume.model.identity import ThingName
from plume.model.segment import Arrival, Segment

DeviceOf = Callable[[ThingName], Device | None]
"""How the registry is asked for a device; whoever opens many asks once for each of them."""


def open_arrival(arrival: Arrival, *, device_of: DeviceOf, platform_key_pem: bytes) -> Segment:
    """Verify and decrypt a segment against the registry.

    The thing of the topic, which the broker's policy vouches for, must be the thing of the
    header, which the signature vouches for.

    Raises:
        BadSegment: damaged, forged, from an unknown device, or sent under another's name.
    """
    header = peek(arrival.raw)
    if header.thing != arrival.thing:
        raise BadSegment(f"header says {header.thing}, topic says {arrival.thing}")
    device = device_of(arrival.thing)
    if device is None or not device.signing_key:
        raise BadSegment(f"{arrival.thing} has no registered signing key")
    return open_segment(
        arrival.raw, signing_key=device.signing_key, platform_key_pem=platform_key_pem
    )
