"""Judge each touched window of each outlet, and sweep for outlets that stopped talking.

Trigger   SQS `windows`; EventBridge every 5 minutes with {"sweep": true}
Reads     tables `registry`, `readings`, `latest`; the curves of outlets with facilities
Writes    table `readings` (computed values alone)
Emits     queue `findings`
On error  only the window at hand is delivered again; the fifth time it goes to the dead-letter
          queue. A failed sweep is made up for by the next.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.aws.message_batch import MessagesTogether
from plume.model.window import WindowTouched, joined, spanning
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.sweep_silence import sweep_silence
from plume.wire.messages import window_of

logger = Logger()
metrics = Metrics()
CLOSE = timedelta(hours=1)
STRETCH = timedelta(days=1)
"""What lies so close, and in all no longer than this, is judged as one window: a backlog touches
an outlet minute by minute."""


def world() -> JudgeWorld:
    """Join the ports."""
    return JudgeWorld(
        registry=wiring.registry_of_judges(),
        readings=wiring.readings(),
        latest=wiring.latest(),
        findings=wiring.findings(),
        series=wiring.series(),
    )


def judge(parts: Sequence[WindowTouched]) -> tuple[()]:
    """Judge windows that lie close together as one; none of them is refused alone."""
    window = spanning(parts)
    findings = judge_window(window, world=world(), now=datetime.now(UTC))
    broken = sum(finding.broken for finding in findings)
    metrics.add_metric(name="WindowJudged", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="RuleBroken", unit=MetricUnit.Count, value=broken)
    logger.info("WindowJudged", outlet=window.outlet, findings=len(findings), broken=broken)
    return ()


def sweep() -> dict[str, int]:
    """Look for silent outlets."""
    findings = sweep_silence(world=world(), now=datetime.now(UTC))
    silent = sum(finding.broken for finding in findings)
    metrics.add_metric(name="OutletsSilent", unit=MetricUnit.Count, value=silent)
    logger.info("SilenceSwept", outlets=len(findings), silent=silent)
    return {"outlets": len(findings), "silent": silent}


@logger.inject_lambda_context
@metrics.log_metrics
def handler(
    event: dict[str, Any],
    context: LambdaContext,  # noqa: ARG001, Lambda gives it
) -> PartialItemFailureResponse | dict[str, int]:
    """Entry point named in infra/judge_stack.py."""
    if event.get("sweep"):
        return sweep()
    records = list(SQSEvent(event).records)
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(records))
    messages = MessagesTogether(logger)
    touched = messages.read(lambda record: window_of(record.body), records)
    windows = [message.said for message in touched]
    for places in joined(windows, apart=CLOSE, most=STRETCH):
        messages.take([touched[place] for place in places], judge)
    return messages.answer
