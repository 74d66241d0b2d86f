"""Both worlds retire the older certificates of a thing, and none of another's."""

from collections.abc import Iterator

import boto3
import pytest

from plume.aws.device_certificates import IotCertificates
from plume.errors import Refused
from plume.memory.certificates import MemoryCertificates
from plume.model.identity import ThingName
from plume.ports.certificates import DeviceCertificates
from tests.integration.worlds import one_of

THING = ThingName("edge-1")


class Things:
    """A thing with three certificates, and one of a stranger."""

    def __init__(self, port: DeviceCertificates, ids: list[str]) -> None:
        self.port, self.ids = port, ids

    def active(self) -> list[bool]:
        if isinstance(self.port, MemoryCertificates):
            return [active for known in self.port.active.values() for active in known.values()]
        iot = boto3.client("iot")
        told = [iot.describe_certificate(certificateId=one) for one in self.ids]
        return [one["certificateDescription"]["status"] == "ACTIVE" for one in told]


def in_memory() -> Things:
    port, ids = MemoryCertificates(), [f"{number:064x}" for number in range(4)]
    port.active = {THING: dict.fromkeys(ids[:3], True), ThingName("edge-2"): {ids[3]: True}}
    return Things(port, ids)


def in_the_cloud() -> Things:
    iot, ids = boto3.client("iot"), []
    for name in (THING, THING, THING, "edge-2"):
        iot.create_thing(thingName=name)
        made = iot.create_keys_and_certificate(setAsActive=True)
        iot.attach_thing_principal(thingName=name, principal=made["certificateArn"])
        ids.append(made["certificateId"])
    return Things(IotCertificates(), ids)


@pytest.fixture(params=["memory", "aws"])
def things(request: pytest.FixtureRequest) -> Iterator[Things]:
    yield from one_of(request, in_memory, in_the_cloud)


def test_all_but_the_one_that_is_shown_are_retired(things: Things) -> None:
    assert things.port.retire_others(THING, things.ids[1]) == 2
    assert things.active() == [False, True, False, True]


def test_nothing_is_left_to_retire_the_second_time(things: Things) -> None:
    things.port.retire_others(THING, things.ids[1])
    assert things.port.retire_others(THING, things.ids[1]) == 0


def test_a_stranger_s_certificate_retires_nothing(things: Things) -> None:
    with pytest.raises(Refused):
        things.port.retire_others(THING, things.ids[3])
    assert things.active() == [True] * 4
