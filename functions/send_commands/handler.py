"""Send commands down to the edge devices, and look after those that wait.

Trigger   SQS `commands`: `plume.wire.commands`; EventBridge every minute with {"sweep": true}. The
          API stands in a network without a way to IoT Core, so it puts commands into the queue;
          this function stands outside.
Reads     table `registry`
Writes    tables `commands`, `audit`, `devices` (the version of a law)
Emits     MQTT `plume/{thing}/commands`
On error  only the command at hand is delivered again; the fifth time it goes to the dead-letter
          queue. One whose time is over, or that was withdrawn, is passed over. The sweep sends
          again what was not answered, and makes up for a failed sweep.
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
from plume.model.command import Command, CommandKind
from plume.usecases.send_command import SendWorld, send_command
from plume.usecases.sweep_commands import sweep_commands
from plume.usecases.tell_law import LawWorld, tell_law
from plume.wire.commands import LITE_BYTES, command_of

logger = Logger()
metrics = Metrics()


def world() -> SendWorld:
    """Join the ports."""
    return SendWorld(
        commands=wiring.commands(),
        audit=wiring.audit(),
        device_commands=wiring.device_topics(),
    )


def receive(record: SQSRecord) -> None:
    """Send one command; raising returns it to the queue."""
    command = command_of(record.body.encode())
    if command.kind is CommandKind.LAW:
        _tell_law(command)
    else:
        _send(command)


def _tell_law(command: Command) -> None:
    """Bring a site its law as it is now, if it has another."""
    if command.outlet is None:
        raise Refused("outlet: a law is that of an outlet")
    laws = LawWorld(wiring.registry(), wiring.standings(), wiring.device_topics())
    law = tell_law(command.outlet, world=laws, now=datetime.now(UTC))
    if law is None:
        return
    told = {"outlet": law.outlet, "thing": command.thing, "version": law.version}
    metrics.add_metric(name="LawTold", unit=MetricUnit.Count, value=1)
    logger.info("LawTold", extra=told)
    if law.size > LITE_BYTES:
        metrics.add_metric(name="LawTooLongForLite", unit=MetricUnit.Count, value=1)
        logger.warning("LawTooLongForLite", extra={**told, "bytes": law.size})


def _send(command: Command) -> None:
    sent = send_command(command, world=world(), now=datetime.now(UTC))
    name = "CommandSent" if sent else "CommandPassedOver"
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
    logger.info(name, command=command.id, thing=command.thing, kind=command.kind.value)


def sweep() -> dict[str, int]:
    """Look after the commands that wait."""
    swept = sweep_commands(world=world(), now=datetime.now(UTC))
    metrics.add_metric(name="CommandsOutOfTime", unit=MetricUnit.Count, value=swept.ended)
    logger.info("CommandsSwept", sent=swept.sent, ended=swept.ended)
    return {"sent": swept.sent, "ended": swept.ended}


@logger.inject_lambda_context
@metrics.log_metrics
def handler(
    event: dict[str, Any], context: LambdaContext
) -> PartialItemFailureResponse | dict[str, int]:
    """Entry point named in infra/command_stack.py."""
    if event.get("sweep"):
        return sweep()
    return each_message(receive, event, context, metrics)
