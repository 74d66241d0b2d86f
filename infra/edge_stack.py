"""How devices join, and what they may do once they have."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.data_stack import DataStack
from infra.device_policy import (
    CREDENTIALS_THING,
    Realm,
    claim_policy,
    core_policy,
    device_policy,
    own_objects,
)
from infra.plume_function import PlumeFunction, Spec
from infra.plume_stack import PlumeStack
from infra.provisioning_template import provisioning_template
from plume.wire.names import (
    CLAIM_POLICY,
    DEVICE_POLICY,
    ENV_FINDINGS_QUEUE,
    PROVISIONING_TEMPLATE,
    THING_TYPE,
)

PROVISION_DEVICE = Spec(
    name="provision_device",
    says="Lets a device in when the registry knows its serial number and its hardware.",
    memory=512,
    timeout=Duration.seconds(5),  # IoT Core waits no longer for a hook
)
GROUP = "plume-edge"
CORE_POLICY = "plume-core"
ROLE_ALIAS = "plume-edge"
LOGS = [f"logs:{action}" for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")]


class EdgeStack(PlumeStack):
    """Fleet provisioning by claim; one policy for all devices, by the name of their thing."""

    def __init__(self, scope: Construct, data: DataStack, findings: sqs.IQueue) -> None:
        super().__init__(scope, "Edge", data.foundation.stage, "how devices join.")
        self._data, self._findings = data, findings
        self._realm = Realm(f"arn:{self.partition}:iot:{self.region}:{self.account}")
        kinds = (self._kind(), self._group())
        policies = (*self._device_policies(), self._claim_policy())
        template = self._template()
        template.node.add_dependency(*kinds, *policies)
        self.token_exchange = self._token_exchange()
        if data.foundation.stage.traits.iot_logging:
            self._logging()
        self._tell()

    @property
    def buckets(self) -> Mapping[str, str]:
        """Name the buckets that devices fill: `segments` with their backlog, `media`."""
        held = {"segments": self._data.segments, "media": self._data.media}
        return {what: bucket.bucket_name for what, bucket in held.items()}

    def _logging(self) -> None:
        """Keep what IoT Core says went wrong: an error in a rule's SQL is told nowhere else."""
        writer = iam.Role(self, "LogWriter", assumed_by=iam.ServicePrincipal("iot.amazonaws.com"))
        log = self.format_arn(
            service="logs",
            resource="log-group",
            resource_name="AWSIotLogsV2:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        writer.add_to_policy(iam.PolicyStatement(actions=LOGS, resources=[log]))
        iot.CfnLogging(
            self,
            "Logging",
            account_id=Aws.ACCOUNT_ID,
            default_log_level="WARN",
            role_arn=writer.role_arn,
        )

    def _kind(self) -> iot.CfnThingType:
        kind = iot.CfnThingType.ThingTypePropertiesProperty(
            thing_type_description="An edge device of Plume",
            searchable_attributes=["fingerprint"],
        )
        return iot.CfnThingType(
            self, "Kind", thing_type_name=THING_TYPE, thing_type_properties=kind
        )

    def _group(self) -> iot.CfnThingGroup:
        return iot.CfnThingGroup(self, "Group", thing_group_name=GROUP)

    @property
    def _device_documents(self) -> Mapping[str, Mapping[str, object]]:
        """Name what every device may do: as itself, and as a Greengrass core where it can."""
        documents = {DEVICE_POLICY: device_policy(self._realm, ROLE_ALIAS)}
        if self._data.foundation.stage.greengrass:
            core = Realm(f"arn:{self.partition}:greengrass:{self.region}:{self.account}")
            documents[CORE_POLICY] = core_policy(self._realm, core)
        return documents

    def _device_policies(self) -> list[iot.CfnPolicy]:
        ids = {DEVICE_POLICY: "DevicePolicy", CORE_POLICY: "CorePolicy"}
        return [
            iot.CfnPolicy(self, ids[name], policy_name=name, policy_document=document)
            for name, document in self._device_documents.items()
        ]

    def _claim_policy(self) -> iot.CfnPolicy:
        return iot.CfnPolicy(
            self,
            "ClaimPolicy",
            policy_name=CLAIM_POLICY,
            policy_document=claim_policy(self._realm),
        )

    def _template(self) -> iot.CfnProvisioningTemplate:
        policies = list(self._device_documents)
        body = provisioning_template(thing_type=THING_TYPE, group=GROUP, policies=policies)
        hook = self._hook()
        return iot.CfnProvisioningTemplate(
            self,
            "Template",
            template_name=PROVISIONING_TEMPLATE,
            template_type="FLEET_PROVISIONING",
            template_body=self.to_json_string(body),
            enabled=True,
            provisioning_role_arn=self._registrar().role_arn,
            pre_provisioning_hook=iot.CfnProvisioningTemplate.ProvisioningHookProperty(
                payload_version="2020-04-01", target_arn=hook.function_arn
            ),
        )

    def _hook(self) -> PlumeFunction:
        hook = PlumeFunction(self, self._data.foundation, PROVISION_DEVICE)
        hook.writes(self._data.tables, "registry")
        hook.sends(self._findings, ENV_FINDINGS_QUEUE)
        hook.add_permission(
            "IotCore",
            principal=iam.ServicePrincipal("iot.amazonaws.com"),
            source_account=self.account,
            source_arn=self._realm.arns("provisioningtemplate", PROVISIONING_TEMPLATE)[0],
        )
        return hook

    def _registrar(self) -> iam.Role:
        registers = "service-role/AWSIoTThingsRegistration"
        return iam.Role(
            self,
            "Registrar",
            assumed_by=iam.ServicePrincipal("iot.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(registers)],
        )

    def _token_exchange(self) -> iam.Role:
        """Let a device put objects under its own prefixes, with credentials for an hour.

        The local AWS has no role alias: there the stand-in of the credentials provider takes the
        role, and narrows it to the thing by a session policy of the same making.
        """
        native = self._data.foundation.stage.traits.token_exchange
        provider = iam.ServicePrincipal("credentials.iot.amazonaws.com")
        role = iam.Role(
            self,
            "TokenExchange",
            assumed_by=provider if native else iam.AccountRootPrincipal(),
        )
        own = own_objects(
            CREDENTIALS_THING if native else "*",
            self._data.segments.bucket_arn,
            self._data.media.bucket_arn,
        )
        role.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=own))
        self._data.foundation.key.grant(role, "kms:GenerateDataKey", "kms:Decrypt")
        self.output("TokenExchangeRoleArn", role.role_arn)
        if native:
            self._role_alias(role)
        return role

    def _role_alias(self, role: iam.Role) -> iot.CfnRoleAlias:
        return iot.CfnRoleAlias(
            self,
            "RoleAlias",
            role_alias=ROLE_ALIAS,
            role_arn=role.role_arn,
            credential_duration_seconds=3600,
        )

    def _tell(self) -> None:
        self.output("ProvisioningTemplateName", PROVISIONING_TEMPLATE)
        self.output("ClaimPolicyName", CLAIM_POLICY)
        self.output("DevicePolicyName", DEVICE_POLICY)
        self.output("RoleAliasName", ROLE_ALIAS)
