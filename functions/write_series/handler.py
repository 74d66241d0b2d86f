"""Write the telemetry of each new bundle to the time-series store.

Trigger   SQS `bundles`, fed by S3 `ObjectCreated` under `bundles/`
Reads     bucket of segments, table `registry`, secret of the platform's key
Writes    Timestream for InfluxDB (the only ingest function inside the VPC)
Emits     queue `windows`
On error  the bundle is delivered again; the fifth time it goes to the dead-letter queue. Hours
          without the store only queue up. What cannot be read of a bundle is logged and left out.
"""

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.aws.message_batch import each_message
from plume.errors import Refused
from plume.usecases.write_series import SeriesWorld, write_series

logger = Logger()
metrics = Metrics()


def world() -> SeriesWorld:
    """Join the ports."""
    return SeriesWorld(
        registry=wiring.registry(),
        bundles=wiring.bundles(),
        series=wiring.series(),
        windows=wiring.windows(),
        platform_key_pem=wiring.platform_key_pem(),
    )


def keys_of(record: SQSRecord) -> list[str]:
    """Read the object keys of an S3 event; S3's own test event names none.

    Raises:
        Refused: it is no S3 event.
    """
    try:
        entries = record.json_body.get("Records", [])
        return [unquote_plus(entry["s3"]["object"]["key"]) for entry in entries]
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise Refused(f"no S3 event: {fault!r}") from fault


def receive(record: SQSRecord) -> None:
    """Write the bundles of one event; raising returns it to the queue."""
    for key in keys_of(record):
        written = write_series(key, world=world())
        for fault in written.faults:
            logger.warning("SegmentUnreadable", bundle=key, reason=fault.message)
        metrics.add_metric(name="PointsWritten", unit=MetricUnit.Count, value=written.values)
        metrics.add_metric(
            name="SegmentsUnreadable", unit=MetricUnit.Count, value=len(written.faults)
        )


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point named in infra/ingest_stack.py."""
    return each_message(receive, event, context, metrics)
