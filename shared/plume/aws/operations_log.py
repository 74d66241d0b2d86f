"""What the operators must know: a metric to alarm on, and a log line that says which."""

from datetime import datetime

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from plume.model.event import GapRecord
from plume.model.segment import SegmentEntry
from plume.wire.names import METRICS_NAMESPACE

logger = Logger(service="plume", child=True)


class OperationsLog:
    """`plume.ports.notices.Operations` on CloudWatch."""

    def broken_chain(self, expected: bytes, found: SegmentEntry) -> None:
        """Tell that a device's hash chain does not join: evidence is missing or forged."""
        logger.error(
            "SegmentChainBroken",
            thing=found.thing,
            sequence=found.sequence,
            expected=expected.hex(),
            previous=found.previous.hex(),
        )
        _count("SegmentChainBroken")

    def cloned(self, first: SegmentEntry, second: SegmentEntry) -> None:
        """Tell that one (thing, sequence) arrived with two contents: two machines."""
        logger.error(
            "DeviceCloned",
            thing=first.thing,
            sequence=first.sequence,
            first=first.digest.hex(),
            second=second.digest.hex(),
        )
        _count("DeviceCloned")

    def contested(self, thing: str, at: datetime) -> None:
        """Tell that connections under one name displace one another: two machines, perhaps."""
        logger.error("DeviceContested", thing=thing, at=at.isoformat())
        _count("DeviceContested")

    def refused(self, thing: str, reason: str) -> None:
        """Tell that a segment or a provisioning request was refused."""
        logger.warning("DeviceRefused", thing=thing, reason=reason)
        _count("DeviceRefused")

    def altered(self, thing: str, media: str, key: str) -> None:
        """Tell that an object of a snapshot or clip is not what the device signed."""
        logger.error("MediaAltered", thing=thing, media=media, key=key)
        _count("MediaAltered")

    def gave_up(self, thing: str, gap: GapRecord) -> None:
        """Tell that a device had to thin or drop data because its disk was full."""
        logger.error(
            "DeviceGaveUp",
            thing=thing,
            klass=gap.klass,
            loss=gap.loss.value,
            first_at=gap.first_at.isoformat(),
            last_at=gap.last_at.isoformat(),
            values=gap.count,
            reason=gap.reason,
        )
        _count("DeviceGaveUp")


def _count(event: str) -> None:
    with single_metric(
        name=event, unit=MetricUnit.Count, value=1, namespace=METRICS_NAMESPACE
    ) as metric:
        metric.add_dimension(name="service", value="plume")
