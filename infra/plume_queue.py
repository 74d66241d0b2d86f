"""The way a queue is made here: encrypted, over TLS alone, and nothing in it is ever lost."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.foundation import Foundation

TRIES = 5
KEPT = Duration.days(14)


class DeadQueue(sqs.Queue):
    """Where a message ends that nothing could take; the first one calls a person."""

    def __init__(self, scope: Construct, name: str, foundation: Foundation) -> None:
        super().__init__(
            scope,
            name,
            retention_period=KEPT,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=foundation.stage.traits.tls,
        )
        metric = self.metric_approximate_number_of_messages_visible(statistic="Maximum")
        foundation.alarm(self, "Filled", metric, f"{name}: a message waits for a person.")


class PlumeQueue(sqs.Queue):
    """A queue in front of a function that takes at most `work` for a batch.

    A message that fails five times goes to the dead queue beside it and leaves the others alone.
    `after` is how long each message is held back.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        foundation: Foundation,
        *,
        work: Duration,
        after: Duration | None = None,
    ) -> None:
        dead = DeadQueue(scope, f"{name}Dead", foundation)
        super().__init__(
            scope,
            name,
            visibility_timeout=Duration.seconds(6 * work.to_seconds()),  # as Lambda advises
            retention_period=KEPT,
            delivery_delay=after,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=foundation.stage.traits.tls,
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=TRIES),
        )
