"""Watch whether two machines fight for one name at the broker.

Trigger   SQS `presence`: IoT rule `plume_presence`, what IoT Core tells of displaced connections
Reads     table `registry`
Writes    table `devices`
Emits     SQS `findings`, the metric `DeviceContested`
On error  only the event at hand is delivered again; the fifth time it goes to the dead-letter
          queue. Events may come twice and in any order.
"""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.aws.message_batch import each_message
from plume.ports.device_standings import DeviceStandings
from plume.ports.notices import Findings, Operations
from plume.ports.registry import Registry
from plume.usecases.watch_presence import watch_presence
from plume.wire.messages import displacement_of

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True, slots=True)
class World:
    """The ports, joined."""

    registry: Registry
    standings: DeviceStandings
    findings: Findings
    operations: Operations


def world() -> World:
    """Join the ports."""
    return World(
        registry=wiring.registry(),
        standings=wiring.standings(),
        findings=wiring.findings(),
        operations=wiring.operations(),
    )


def receive(record: SQSRecord) -> None:
    """Note one displacement; raising returns it to the queue."""
    told = displacement_of(record.body)
    contested = watch_presence(told.thing, told.at, world())
    metrics.add_metric(name="DeviceDisplaced", unit=MetricUnit.Count, value=1)
    logger.info("DeviceDisplaced", thing=told.thing, contested=contested)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point named in infra/ingest_stack.py."""
    return each_message(receive, event, context, metrics)
