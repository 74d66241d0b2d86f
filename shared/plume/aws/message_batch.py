"""A batch of a queue, each message by itself: only those that failed are delivered again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext


def each_message(
    receive: Callable[[SQSRecord], None],
    event: dict[str, Any],
    context: LambdaContext,
    metrics: Metrics,
) -> PartialItemFailureResponse:
    """Hand each message of an SQS event over; raising returns that one alone to the queue."""
    count = len(event["Records"])
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=count)
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(
        event=event, record_handler=receive, processor=processor, context=context
    )
