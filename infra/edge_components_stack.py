"""What Greengrass installs at the plants: a version of each component, and its deployment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from aws_cdk import ArnFormat
from aws_cdk import aws_greengrassv2 as greengrass
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.edge_artifacts import Component, components
from infra.edge_stack import GROUP, EdgeStack
from infra.platform_key_pair import PUBLIC_KEY_PARAMETER
from infra.plume_stack import PlumeStack
from infra.stage import Stage

_Deployment = greengrass.CfnDeployment
NOTICE_SECONDS = 60
"""How long a component may finish what it does before it is replaced."""
FIRST_DEVICES = 5
"""A minute of a rollout begins with so many devices, and doubles after each ten that succeed."""
FAILED_PERCENT = 20
"""A rollout that fails on more of the devices than this is stopped."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A component with its artifact in S3 and its version in Greengrass."""

    component: Component
    artifact: assets.Asset
    made: greengrass.CfnComponentVersion

    @classmethod
    def of(cls, scope: Construct, component: Component) -> Self:
        """Put the artifact beside the other assets and name it in the recipe."""
        folder = component.folder
        artifact = assets.Asset(scope, f"{folder}-artifact", path=str(component.artifact))
        recipe = (
            component.recipe.replace("{COMPONENT_VERSION}", component.version)
            .replace("{ARTIFACT_NAME}", artifact.s3_object_key.removesuffix(".zip"))
            .replace("{ARTIFACT_URI}", artifact.s3_object_url)
        )
        made = greengrass.CfnComponentVersion(scope, f"{folder}-version", inline_recipe=recipe)
        return cls(component, artifact, made)


class EdgeComponentsStack(PlumeStack):
    """Every component with a recipe, for Nucleus and Nucleus Lite, on every device of the group.

    A plant's own settings (outlets, limits, sources) come by a deployment to its thing, which
    Greengrass merges with this one.
    """

    def __init__(self, scope: Construct, stage: Stage, edge: EdgeStack) -> None:
        super().__init__(scope, "EdgeComponents", stage, "what runs at the plants.")
        self._buckets = edge.buckets
        placed = [Placed.of(self, component) for component in components(stage)]
        readable = self._let_devices_read(placed, edge.token_exchange)
        deployment = self._deployment(placed)
        deployment.node.add_dependency(readable, *(one.made for one in placed))

    def _let_devices_read(self, placed: Sequence[Placed], role: iam.IRole) -> iam.Policy:
        """Let devices fetch these artifacts, object by object, and no other asset."""
        objects = [
            one.artifact.bucket.arn_for_objects(one.artifact.s3_object_key) for one in placed
        ]
        read = iam.PolicyStatement(actions=["s3:GetObject"], resources=objects)
        return iam.Policy(self, "ReadArtifacts", roles=[role], statements=[read])

    def _deployment(self, placed: Sequence[Placed]) -> greengrass.CfnDeployment:
        group = self.format_arn(
            service="iot",
            resource="thinggroup",
            resource_name=GROUP,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        return greengrass.CfnDeployment(
            self,
            "Deployment",
            target_arn=group,
            deployment_name="Plume on every edge device",
            components={one.component.name: self._specified(one.component) for one in placed},
            deployment_policies=_policies(),
            iot_job_configuration=_rollout(),
        )

    def _specified(
        self, component: Component
    ) -> greengrass.CfnDeployment.ComponentDeploymentSpecificationProperty:
        """Pin the version, and tell what only this platform knows."""
        told, update = self._told(component.folder), None
        if told:
            merge = self.to_json_string(told)
            update = _Deployment.ComponentConfigurationUpdateProperty(merge=merge)
        return _Deployment.ComponentDeploymentSpecificationProperty(
            component_version=component.version, configuration_update=update
        )

    def _told(self, folder: str) -> Mapping[str, object]:
        """Tell the uplink the key under which it seals, and each the bucket that it fills."""
        if folder == "uplink":
            key = ssm.StringParameter.value_for_string_parameter(self, PUBLIC_KEY_PARAMETER)
            return {"platformKey": key, "objectStore": self._bucket("segments")}
        return {"objectStore": self._bucket("media")} if folder == "camera" else {}

    def _bucket(self, what: str) -> Mapping[str, str]:
        return {f"{what}Bucket": self._buckets[what], "region": self.region}


def _policies() -> greengrass.CfnDeployment.DeploymentPoliciesProperty:
    """Let a component be replaced at once, after notice; a device that fails goes back."""
    return _Deployment.DeploymentPoliciesProperty(
        failure_handling_policy="ROLLBACK",
        component_update_policy=_Deployment.DeploymentComponentUpdatePolicyProperty(
            action="NOTIFY_COMPONENTS", timeout_in_seconds=NOTICE_SECONDS
        ),
    )


def _rollout() -> greengrass.CfnDeployment.DeploymentIoTJobConfigurationProperty:
    """Begin with few devices, and stop when too many fail."""
    return _Deployment.DeploymentIoTJobConfigurationProperty(
        job_executions_rollout_config=_Deployment.IoTJobExecutionsRolloutConfigProperty(
            exponential_rate=_Deployment.IoTJobExponentialRolloutRateProperty(
                base_rate_per_minute=FIRST_DEVICES,
                increment_factor=2,
                rate_increase_criteria={"NumberOfSucceededThings": 2 * FIRST_DEVICES},
            )
        ),
        abort_config=_Deployment.IoTJobAbortConfigProperty(
            criteria_list=[
                _Deployment.IoTJobAbortCriteriaProperty(
                    action="CANCEL",
                    failure_type="FAILED",
                    min_number_of_executed_things=FIRST_DEVICES,
                    threshold_percentage=FAILED_PERCENT,
                )
            ]
        ),
    )
