"""Turn findings into alarms: one open alarm per rule, outlet and factor.

Trigger   SQS `findings`
Reads     table `registry`
Writes    table `alarms`
Emits     queue `commands`: a clip from each camera of an outlet with a new alarm
On error  only the finding at hand is delivered again; the fifth time it goes to the dead-letter
          queue. Findings may come twice and in any order.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.aws.message_batch import each_message
from plume.errors import Refused
from plume.model.finding import Finding
from plume.usecases.film_alarm import FilmWorld, film_alarm
from plume.usecases.raise_alarm import raise_alarm
from plume.wire.messages import finding_of

logger = Logger()
metrics = Metrics()


def receive(record: SQSRecord) -> None:
    """Fold one finding; raising returns it to the queue."""
    finding = finding_of(record.body)
    alarm = raise_alarm(
        finding, alarms=wiring.alarms(), registry=wiring.registry(), now=datetime.now(UTC)
    )
    if alarm is None or alarm.version == 1:
        _film(finding)
    if alarm is None:
        return
    name = "AlarmRaised" if alarm.version == 1 else "AlarmChanged"
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
    logger.info(name, alarm=alarm.id, outlet=alarm.outlet, condition=alarm.condition.value)


def _film(finding: Finding) -> None:
    world = FilmWorld(wiring.alarms(), wiring.registry(), wiring.device_commands())
    clips = film_alarm(finding, world=world, now=datetime.now(UTC))
    if clips:
        metrics.add_metric(name="ClipsAsked", unit=MetricUnit.Count, value=clips)
        logger.info("ClipsAsked", outlet=finding.outlet, rule=finding.rule.id, clips=clips)


def in_event_time(event: dict[str, Any]) -> dict[str, Any]:
    """Order a batch by the start of the windows: an alarm opens before it clears.

    The queue keeps no order. Folding stands that, but a window that holds, folded before the
    earlier one that is broken, would leave the alarm open until the next one that holds.
    """
    return {**event, "Records": sorted(event["Records"], key=_start)}


def _start(record: dict[str, Any]) -> float:
    try:
        return finding_of(record["body"]).start.timestamp()
    except Refused:
        return 0.0  # It fails in its own turn.


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point named in infra/judge_stack.py."""
    return each_message(receive, in_event_time(event), context, metrics)
