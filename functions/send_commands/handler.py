"""Send commands down to the edge devices.

Trigger   SQS `commands`: `plume.wire.commands`. The API stands in a network without a way to
          IoT Core, so it puts commands here; this function stands outside.
Emits     MQTT `plume/{thing}/commands`
On error  only the command at hand is delivered again; the fifth time it goes to the dead-letter
          queue. One whose time is over is passed over: whoever asked sees that no word came.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.wire.commands import command_of

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def receive(record: SQSRecord) -> None:
    """Send one command; raising returns it to the queue."""
    command = command_of(record.body.encode())
    late = datetime.now(UTC) >= command.expires_at
    if not late:
        wiring.device_topics().send(command)
    name = "CommandLate" if late else "CommandSent"
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
    logger.info(name, command=command.id, thing=command.thing, kind=command.kind.value)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point named in infra/api_stack.py."""
    count = len(event["Records"])
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=count)
    return process_partial_response(
        event=event, record_handler=receive, processor=processor, context=context
    )
