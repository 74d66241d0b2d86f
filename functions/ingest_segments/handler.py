"""Take the sealed segments of the edge devices in.

Trigger   SQS `segments`, fed by IoT rule `plume_segments`: {"body": base64, "thing", "ts"}
Reads     table `registry`, bucket of media, secret of the platform's key
Writes    bucket of segments; tables `segments`, `readings`, `latest`, `media`,
          `registry` (first heard), `commands` and `audit` (receipts),
          `devices`
Emits     queue `windows`; queue `findings` (rule G-12 alone); MQTT `plume/{thing}/ack`;
          queue `commands` (a law that a device may not have)
On error  a segment at fault is delivered again alone; the fifth time it goes to the dead-letter
          queue, which raises an alarm. When the world is deaf, all of the batch comes back.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent, SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.aws.message_batch import MessagesTogether
from plume.errors import Refused
from plume.model.finding import Finding
from plume.model.identity import ThingName
from plume.model.segment import Arrival
from plume.usecases.ingest_segments import Ingested, IngestWorld, ingest_segments
from plume.usecases.open_backlog import open_backlog

logger = Logger()
metrics = Metrics()
TEST_EVENT = "s3:TestEvent"
"""A bucket says this once, when it is connected to its queue."""
SLICE = 50
"""Segments of an object that are taken in and acknowledged together [1]."""
_FAULTS = (KeyError, TypeError, ValueError, OverflowError, RecursionError, NotBase64)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RareFindings:
    """The queue of findings, opened only when an outlet has rewritten a value."""

    def tell(self, findings: Sequence[Finding]) -> None:
        """Tell what was concluded."""
        wiring.findings().tell(findings)


def world() -> IngestWorld:
    """Join the ports."""
    return IngestWorld(
        registry=wiring.registry(),
        bundles=wiring.bundles(),
        segments=wiring.segments(),
        readings=wiring.readings(),
        latest=wiring.latest(),
        media=wiring.media(),
        media_objects=wiring.media_objects(),
        windows=wiring.windows(),
        findings=RareFindings(),
        device_acks=wiring.device_acks(),
        certificates=wiring.certificates(),
        operations=wiring.operations(),
        commands=wiring.commands(),
        audit=wiring.audit(),
        standings=wiring.standings(),
        device_commands=wiring.device_commands(),
        platform_key_pem=wiring.platform_key_pem(),
    )


def arrival_of(record: SQSRecord) -> Arrival:
    """Read what the IoT rule wrote.

    Raises:
        Refused: it is no such message.
    """
    try:
        fields = record.json_body
        raw = b64decode(fields["body"], validate=True)
        received_at = _EPOCH + timedelta(milliseconds=int(fields["ts"]))
        return Arrival(ThingName(str(fields["thing"])), raw, received_at)
    except _FAULTS as fault:
        raise Refused(f"no segment message: {fault!r}") from fault


def told_by_bucket(record: SQSRecord) -> bool:
    """Whether the bucket of the backlog speaks, and not a device."""
    try:
        body = record.json_body
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and ("Records" in body or body.get("Event") == TEST_EVENT)


def objects_of(record: SQSRecord) -> list[tuple[str, datetime]]:
    """Read which objects the bucket tells of, and since when they lie there.

    Raises:
        Refused: it is no such message.
    """
    try:
        return [
            (unquote_plus(each["s3"]["object"]["key"]), _moment(each["eventTime"]))
            for each in record.json_body.get("Records", ())
        ]
    except (KeyError, TypeError, ValueError) as fault:
        raise Refused(f"no message of a bucket: {fault!r}") from fault


def take(arrivals: Sequence[Arrival]) -> list[int]:
    """Take segments in and give the places of those refused."""
    report = ingest_segments(arrivals, world=world(), now=datetime.now(UTC))
    _count(report)
    for failure in report.failures:
        thing = arrivals[failure.index].thing
        logger.warning("SegmentRefused", reason=failure.fault.message, thing=thing)
    return [failure.index for failure in report.failures]


def take_objects(told: Sequence[list[tuple[str, datetime]]]) -> list[int]:
    """Take in what lies in the objects of each message; give the places of those at fault.

    An object is large: each slice of it is acknowledged by itself, so that whatever ends the
    call, it was not in vain.
    """
    return [place for place, objects in enumerate(told) if not all([*_slices(objects)])]


def _slices(objects: Sequence[tuple[str, datetime]]) -> Iterator[bool]:
    """Take slice after slice, and tell of each whether none of its segments was refused."""
    backlog, operations = wiring.backlog(), wiring.operations()
    for key, at in objects:
        arrivals = open_backlog(key, at, backlog=backlog, operations=operations)
        for first in range(0, len(arrivals), SLICE):
            yield not take(arrivals[first : first + SLICE])


def _count(report: Ingested) -> None:
    counts = {
        "SegmentsStored": report.segments,
        "SegmentsRefused": len(report.failures),
        "FramesJudged": report.frames,
        "FramesRefused": report.frames - report.accepted,
        "ReadingsStored": report.readings,
    }
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    logger.info("BatchTaken", extra=counts)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ARG001, Lambda gives it
    """Entry point named in infra/ingest_stack.py."""
    records = list(SQSEvent(event).records)
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(records))
    messages = MessagesTogether(logger)
    live = [record for record in records if not told_by_bucket(record)]
    messages.take(messages.read(arrival_of, live), take)
    for told in messages.read(objects_of, filter(told_by_bucket, records)):
        messages.take([told], take_objects)
    return messages.answer
