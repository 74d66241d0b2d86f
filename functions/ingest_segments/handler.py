"""Take the sealed segments of the edge devices in.

Trigger   SQS `segments`, fed by IoT rule `plume_segments`: {"body": base64, "thing", "ts"}
Reads     table `registry`, bucket of media, secret of the platform's key
Writes    bucket of segments; tables `segments`, `readings`, `latest`, `media`,
          `registry` (first heard), `commands` and `audit` (receipts),
          `devices`
Emits     queue `windows`; queue `findings` (rule G-12 alone); MQTT `plume/{thing}/ack`
On error  a segment at fault is delivered again alone; the fifth time it goes to the dead-letter
          queue, which raises an alarm. When the world is deaf, all of the batch comes back.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent, SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.errors import Refused, Unavailable
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
    except (KeyError, TypeError, ValueError, OverflowError, NotBase64) as fault:
        raise Refused(f"no segment message: {fault!r}") from fault


def backlog_of(record: SQSRecord) -> list[Arrival] | None:
    """Read what the bucket tells of new objects; None when it is not the bucket that speaks.

    Raises:
        Refused: an object is not one of the backlog.
    """
    body = record.json_body
    if not isinstance(body, dict) or not ("Records" in body or body.get("Event") == TEST_EVENT):
        return None
    try:
        told = [
            (unquote_plus(each["s3"]["object"]["key"]), _moment(each["eventTime"]))
            for each in body.get("Records", ())
        ]
    except (KeyError, TypeError, ValueError) as fault:
        raise Refused(f"no message of a bucket: {fault!r}") from fault
    backlog, operations = wiring.backlog(), wiring.operations()
    return [
        one
        for key, at in told
        for one in open_backlog(key, at, backlog=backlog, operations=operations)
    ]


def take(records: Sequence[SQSRecord]) -> list[str]:
    """Take a batch in and give the ids of the messages to deliver again.

    Messages go in together; an object of the backlog alone and slice by slice, for it is large:
    each slice is acknowledged by itself, so that whatever ends the call, it was not in vain.
    """
    failed: list[str] = []
    read: list[tuple[str, Arrival]] = []
    for record in records:
        try:
            if (objects := backlog_of(record)) is not None:
                failed += _take_in_slices(record.message_id, objects)
            else:
                read.append((record.message_id, arrival_of(record)))
        except Refused as fault:
            logger.warning("SegmentRefused", reason=fault.message, message_id=record.message_id)
            failed.append(record.message_id)
    return list(dict.fromkeys(failed + _take(read)))


def _take_in_slices(message: str, arrivals: Sequence[Arrival]) -> list[str]:
    failed: list[str] = []
    for first in range(0, len(arrivals), SLICE):
        failed += _take([(message, one) for one in arrivals[first : first + SLICE]])
    return failed


def _take(read: Sequence[tuple[str, Arrival]]) -> list[str]:
    if not read:
        return []
    report = ingest_segments(
        [arrival for _, arrival in read], world=world(), now=datetime.now(UTC)
    )
    _count(report)
    for failure in report.failures:
        message, arrival = read[failure.index]
        logger.warning(
            "SegmentRefused", reason=failure.fault.message, message_id=message, thing=arrival.thing
        )
    return [read[failure.index][0] for failure in report.failures]


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


def take_apart(records: Sequence[SQSRecord]) -> list[str]:
    """Take a batch in; if that fails by a defect of ours, each message alone.

    One segment that trips over a defect must not carry its neighbours to the dead-letter queue:
    alone, it fails alone. Taking the others again is harmless. A deaf world fails them all.
    """
    try:
        return take(records)
    except Unavailable as fault:
        logger.warning("WorldUnavailable", reason=str(fault))
        return [record.message_id for record in records]
    except Exception:
        logger.exception("BatchFailed")
        if len(records) == 1:
            return [records[0].message_id]
        return [message for record in records for message in take_apart([record])]


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ARG001, Lambda gives it
    """Entry point named in infra/ingest_stack.py."""
    records = list(SQSEvent(event).records)
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(records))
    failed = take_apart(records)
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
