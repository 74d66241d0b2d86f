"""Judge again the frames that were refused before their MN, PW or key was registered.

Trigger   SQS `belated`: `plume.wire.messages.belated_of`, by the API, a minute after an outlet was
          registered, when whoever did not know it yet has ended; a year is told on day by day
Reads     tables `registry`, `segments`; bucket of segments, secret of the platform's key
Writes    tables `readings`, `latest`, `segments` (where frames lie), `registry` (first heard)
Emits     queues `belated`, `windows`, `commands` (its law); queue `findings` (G-12 alone)
On error  only the day at hand is delivered again; the fifth time it goes to the dead-letter queue.
          A segment that cannot be read is counted and left out.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.aws.message_batch import each_message
from plume.usecases.judge_belated import BelatedWorld, judge_belated
from plume.wire.messages import belated_of

logger = Logger()
metrics = Metrics()


def world() -> BelatedWorld:
    """Join the ports."""
    return BelatedWorld(
        registry=wiring.registry(),
        segments=wiring.segments(),
        bundles=wiring.bundles(),
        readings=wiring.readings(),
        latest=wiring.latest(),
        windows=wiring.windows(),
        findings=wiring.findings(),
        belated=wiring.belated(),
        device_commands=wiring.device_commands(),
        platform_key_pem=wiring.platform_key_pem(),
    )


def receive(record: SQSRecord) -> None:
    """Judge one day, or tell the days; raising returns it to the queue."""
    due = belated_of(record.body)
    judged = judge_belated(due, world=world())
    counts = {
        "SegmentsJudgedAgain": judged.segments,
        "SegmentsUnreadable": judged.unreadable,
        "ReadingsBelated": judged.readings,
    }
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    logger.info("BelatedJudged", extra={"outlet": due.outlet, "days": judged.days, **counts})


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point named in infra/ingest_stack.py."""
    return each_message(receive, event, context, metrics)
