"""Say whether a machine with the claim certificate may become a device.

Trigger   AWS IoT fleet provisioning, as the template's pre-provisioning hook
Reads     table `registry`
Writes    table `registry` (fingerprint of the first machine, signing key)
Emits     SQS `findings`, when other hardware wants a device's name
On error  IoT refuses the device, which tries again
"""

from datetime import UTC, datetime
from typing import Any, TypedDict

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from plume.aws import wiring
from plume.usecases.provision_device import Applicant, provision_device

logger = Logger()
metrics = Metrics()


class Answer(TypedDict):
    """What fleet provisioning expects of its hook."""

    allowProvisioning: bool
    parameterOverrides: dict[str, str]


def applicant_of(event: dict[str, Any]) -> Applicant:
    """Read the parameters of RegisterThing; a missing one is empty, and refused by the rule."""
    parameters = event.get("parameters") or {}
    return Applicant(
        serial=str(parameters.get("SerialNumber", "")),
        fingerprint=str(parameters.get("Fingerprint", "")),
        signing_key=str(parameters.get("SigningKey", "")),
    )


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:  # noqa: ARG001, Lambda gives it
    """Entry point named in infra/edge_stack.py."""
    applicant = applicant_of(event)
    metrics.add_metric(name="DeviceAsked", unit=MetricUnit.Count, value=1)
    allowed = provision_device(
        applicant,
        registry=wiring.registry(),
        operations=wiring.operations(),
        findings=wiring.findings(),
        now=datetime.now(UTC),
    )
    name = "DeviceAdmitted" if allowed else "DeviceRefused"
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
    logger.info(name, thing=applicant.thing)
    return {"allowProvisioning": allowed, "parameterOverrides": {}}
