"""Judge each touched window of each outlet, and sweep for outlets that stopped talking.

Trigger   SQS `windows`; EventBridge every 5 minutes with {"sweep": true}
Reads     tables `registry`, `readings`, `latest`; the curves of outlets with facilities
Writes    table `readings` (computed values alone)
Emits     queue `findings`
On error  only the window at hand is delivered again; the fifth time it goes to the dead-letter
          queue. A failed sweep is made up for by the next.
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
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.sweep_silence import sweep_silence
from plume.wire.messages import window_of

logger = Logger()
metrics = Metrics()


def world() -> JudgeWorld:
    """Join the ports."""
    return JudgeWorld(
        registry=wiring.registry_of_judges(),
        readings=wiring.readings(),
        latest=wiring.latest(),
        findings=wiring.findings(),
        series=wiring.series(),
    )


def receive(record: SQSRecord) -> None:
    """Judge one window; raising returns it to the queue."""
    window = window_of(record.body)
    findings = judge_window(window, world=world(), now=datetime.now(UTC))
    broken = sum(finding.broken for finding in findings)
    metrics.add_metric(name="WindowJudged", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="RuleBroken", unit=MetricUnit.Count, value=broken)
    logger.info("WindowJudged", outlet=window.outlet, findings=len(findings), broken=broken)


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
    event: dict[str, Any], context: LambdaContext
) -> PartialItemFailureResponse | dict[str, int]:
    """Entry point named in infra/judge_stack.py."""
    if event.get("sweep"):
        return sweep()
    return each_message(receive, event, context, metrics)
