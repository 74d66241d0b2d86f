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
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent, SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.errors import Refused, Unavailable
from plume.model.window import WindowTouched, joined
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.sweep_silence import sweep_silence
from plume.wire.messages import window_of

logger = Logger()
metrics = Metrics()
CLOSE = timedelta(hours=1)
STRETCH = timedelta(days=1)
"""What lies so close, and in all no longer than this, is judged as one window."""


def world() -> JudgeWorld:
    """Join the ports."""
    return JudgeWorld(
        registry=wiring.registry_of_judges(),
        readings=wiring.readings(),
        latest=wiring.latest(),
        findings=wiring.findings(),
        series=wiring.series(),
    )


def take(records: Sequence[SQSRecord]) -> list[str]:
    """Judge a batch and give the ids of the messages to deliver again.

    A backlog touches an outlet minute by minute; windows that lie close together are judged as
    one. If that fails, each is judged alone, so that one at fault carries no other away.
    """
    failed: list[str] = []
    read: list[tuple[str, WindowTouched]] = []
    for record in records:
        try:
            read.append((record.message_id, window_of(record.body)))
        except Refused as fault:
            logger.warning("WindowRefused", reason=fault.message, message_id=record.message_id)
            failed.append(record.message_id)
    windows = [window for _, window in read]
    for window, places in joined(windows, apart=CLOSE, most=STRETCH):
        failed += _judged(window, [read[place] for place in places])
    return failed


def _judged(window: WindowTouched, parts: Sequence[tuple[str, WindowTouched]]) -> list[str]:
    """Judge the parts as one window; give the ids of those that must come again."""
    try:
        judge(window)
    except Unavailable as fault:
        logger.warning("WorldUnavailable", reason=str(fault))
        return [message for message, _ in parts]
    except Exception:
        logger.exception("WindowFailed", outlet=window.outlet, start=window.start.isoformat())
        if len(parts) == 1:
            return [parts[0][0]]
        return [message for part in parts for message in _judged(part[1], [part])]
    return []


def judge(window: WindowTouched) -> None:
    """Judge one window."""
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
    event: dict[str, Any],
    context: LambdaContext,  # noqa: ARG001, Lambda gives it
) -> PartialItemFailureResponse | dict[str, int]:
    """Entry point named in infra/judge_stack.py."""
    if event.get("sweep"):
        return sweep()
    records = list(SQSEvent(event).records)
    metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=len(records))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in take(records)]}
