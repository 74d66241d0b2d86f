"""A batch of a queue: whatever fails in it, only the messages that failed are delivered again."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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

from plume.errors import Refused, Unavailable

Said = TypeVar("Said")


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


@dataclass(frozen=True, slots=True)
class Message(Generic[Said]):
    """What a message says, and the id under which it is delivered again."""

    id: str
    said: Said


class MessagesTogether:
    """The messages of one call, for a function that takes several at once, which costs less.

    Messages are tried together; if that fails, each is tried alone, so that one at fault carries
    no other away. Taking the others a second time must be harmless. A deaf world is not asked
    again for each: all that were tried come back.
    """

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._failed: dict[str, None] = {}

    @property
    def answer(self) -> PartialItemFailureResponse:
        """What Lambda tells the queue: the messages to deliver again."""
        return {"batchItemFailures": [{"itemIdentifier": one} for one in self._failed]}

    def read(
        self, reader: Callable[[SQSRecord], Said], records: Iterable[SQSRecord]
    ) -> list[Message[Said]]:
        """Read each message; one that the reader refuses comes back."""
        read = []
        for record in records:
            try:
                read.append(Message(record.message_id, reader(record)))
            except Refused as fault:
                self._logger.warning(
                    "MessageRefused", reason=fault.message, message_ids=[record.message_id]
                )
                self._failed[record.message_id] = None
        return read

    def take(
        self,
        messages: Sequence[Message[Said]],
        taken: Callable[[Sequence[Said]], Collection[int]],
    ) -> None:
        """Hand messages over together, and each alone if that fails.

        Args:
            messages: none is handed over when there are none.
            taken: takes what they say in, and gives the places of those that must come back.
        """
        if not messages:
            return
        ids = [one.id for one in messages]
        try:
            places = taken([one.said for one in messages])
        except Unavailable as fault:
            self._logger.warning("WorldUnavailable", reason=str(fault))
            self._failed |= dict.fromkeys(ids)
        except Refused as fault:
            self._logger.warning("MessageRefused", reason=fault.message, message_ids=ids)
            self._take_alone(messages, taken)
        except Exception:
            self._logger.exception("MessageFailed", message_ids=ids)
            self._take_alone(messages, taken)
        else:
            self._failed |= dict.fromkeys(ids[place] for place in places)

    def _take_alone(
        self,
        messages: Sequence[Message[Said]],
        taken: Callable[[Sequence[Said]], Collection[int]],
    ) -> None:
        if len(messages) == 1:
            self._failed[messages[0].id] = None
            return
        for one in messages:
            self.take([one], taken)
