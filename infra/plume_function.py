"""The only way a Lambda function is made here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import AssetHashType, Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import layer
from infra.foundation import Foundation
from infra.plume_queue import DeadQueue
from infra.stage import Target
from plume.wire.names import ENV_MEDIA_BUCKET, ENV_SEGMENTS_BUCKET, ENV_TABLE, METRICS_NAMESPACE

Tables = Mapping[str, dynamodb.TableV2]

# Nothing is ever deleted through these: what is over is marked so, or expires by itself.
READ = ("GetItem", "BatchGetItem", "Query", "Scan", "ConditionCheckItem", "DescribeTable")
USE_KEY = (
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
WRITE = ("PutItem", "UpdateItem", "BatchWriteItem")

MOST_AT_ONCE = 10
LOCAL_BATCHES = 2
"""Each batch at a time is a process of 100 MB on the machine that also plays the plants."""


@dataclass(frozen=True, slots=True)
class Network:
    """The private network of the time-series store."""

    vpc: ec2.IVpc
    security_group: ec2.ISecurityGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What one function is: its folder under `functions/`, its size and its entry."""

    name: str
    says: str
    memory: int
    timeout: Duration
    entry: str = "handler.handler"
    folder: Path | None = None

    @property
    def construct_id(self) -> str:
        """`ingest_segments` is `IngestSegments` in a template."""
        return "".join(word.capitalize() for word in self.name.split("_"))


class PlumeFunction(lambda_.Function):
    """A function with its own role, encrypted log, alarms and no right that was not given.

    Each of the verbs below gives the right and the environment variable that names its object.
    """

    def __init__(
        self,
        scope: Construct,
        foundation: Foundation,
        spec: Spec,
        *,
        network: Network | None = None,
    ) -> None:
        stage = foundation.stage
        self._foundation = foundation
        self._spec = spec
        self._place = Construct(scope, f"{spec.construct_id}Surroundings")
        super().__init__(
            scope,
            spec.construct_id,
            description=spec.says,
            code=lambda_.Code.from_asset(str(spec.folder or stage.sources.functions / spec.name)),
            handler=spec.entry,
            runtime=lambda_.Runtime(stage.runtime, lambda_.RuntimeFamily.PYTHON),
            architecture=_architecture(arm64=stage.arm64),
            layers=_layers(scope, foundation),
            memory_size=spec.memory,
            timeout=spec.timeout,
            role=self._role(network),
            log_group=self._log,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE if stage.traits.tracing else lambda_.Tracing.DISABLED,
            vpc=network.vpc if network else None,
            security_groups=[network.security_group] if network else None,
            environment={
                "POWERTOOLS_SERVICE_NAME": spec.name,
                "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
            },
        )
        self._watch()

    def reads(self, tables: Tables, *names: str) -> None:
        """Let it read these tables."""
        self._use(tables, names, READ)

    def writes(self, tables: Tables, *names: str) -> None:
        """Let it read and write these tables."""
        self._use(tables, names, (*READ, *WRITE))

    def sends(self, queue: sqs.IQueue, variable: str) -> None:
        """Let it send to the queue."""
        queue.grant_send_messages(self)
        if self._is_local:
            # AWS asks for SendMessage alone; the local AWS for the batch's own name as well.
            self.may("sqs", ("SendMessageBatch",), queue.queue_arn)
        self.add_environment(variable, queue.queue_url)

    def opens(self, secret_arn: str, variable: str) -> None:
        """Let it read the secret.

        By its own role: the construct's `grant_read` would write the role into the key's policy,
        and the key's stack would wait for this one.
        """
        self.may("secretsmanager", ("GetSecretValue", "DescribeSecret"), secret_arn)
        self.uses_key()
        self.add_environment(variable, secret_arn)

    def puts(self, bucket: s3.IBucket, prefix: str) -> None:
        """Let it add segments' objects under the prefix."""
        self._use_bucket(bucket, prefix, ("PutObject",), ENV_SEGMENTS_BUCKET)

    def gets(self, bucket: s3.IBucket, prefix: str) -> None:
        """Let it read segments' objects under the prefix."""
        self._use_bucket(bucket, prefix, ("GetObject",), ENV_SEGMENTS_BUCKET)

    def looks_at(self, bucket: s3.IBucket, *prefixes: str) -> None:
        """Let it read media, in any version, and tell one that is missing from one forbidden."""
        for prefix in prefixes:
            actions = ("GetObject", "GetObjectVersion")
            self._use_bucket(bucket, prefix, actions, ENV_MEDIA_BUCKET)
        self.may("s3", ("ListBucket",), bucket.bucket_arn)

    def uses_key(self) -> None:
        """Let it read and write what the platform's key encrypts."""
        self._foundation.key.grant(self, *(f"kms:{action}" for action in USE_KEY))

    def may(self, service: str, actions: Sequence[str], *arns: str) -> None:
        """Let it do these things to these objects."""
        names = [f"{service}:{action}" for action in actions]
        self.add_to_role_policy(iam.PolicyStatement(actions=names, resources=list(arns)))

    def takes(self, queue: sqs.IQueue, *, batch: int, most: int) -> None:
        """Feed it from the queue, at most `batch` messages at once and `most` batches at a time.

        Batches of more than MOST_AT_ONCE are gathered for a second: Lambda gives them only to
        those who wait. A message it names as failed comes back alone.
        """
        wait = Duration.seconds(1 if batch > MOST_AT_ONCE else 0)
        self.add_event_source(
            sources.SqsEventSource(
                queue,
                batch_size=batch,
                max_batching_window=wait,
                max_concurrency=LOCAL_BATCHES if self._is_local else most,
                report_batch_item_failures=True,
            )
        )

    def runs_every(self, rate: Duration, event: Mapping[str, object]) -> None:
        """Call it again and again; a call that fails three times ends in a dead queue."""
        dead = DeadQueue(self._place, f"{self._spec.construct_id}CallsDead", self._foundation)
        self.configure_async_invoke(
            on_failure=destinations.SqsDestination(dead), max_event_age=rate, retry_attempts=2
        )
        scheduler.Schedule(
            self._place,
            "Schedule",
            schedule=scheduler.ScheduleExpression.rate(rate),
            target=targets.LambdaInvoke(
                self,
                input=scheduler.ScheduleTargetInput.from_object(dict(event)),
                dead_letter_queue=dead,
            ),
        )

    @property
    def _is_local(self) -> bool:
        return self._foundation.stage.target is Target.LOCAL

    def _role(self, network: Network | None) -> iam.Role:
        role = iam.Role(
            self._place, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self._log = self._foundation.log(self._place, "Log")
        self._log.grant_write(role)
        if network:
            role.add_to_policy(_ENTERS_A_NETWORK)
        return role

    def _watch(self) -> None:
        for name, metric in (
            ("Errors", self.metric_errors()),
            ("Throttles", self.metric_throttles()),
        ):
            says = f"{self._spec.name}: {name.lower()}."
            self._foundation.alarm(self._place, name, metric, says)

    def _use(self, tables: Tables, names: Sequence[str], actions: Sequence[str]) -> None:
        for name in names:
            table = tables[name]
            table.grant(self, *(f"dynamodb:{action}" for action in actions))
            self.add_environment(ENV_TABLE.format(name=name.upper()), table.table_name)
        self.uses_key()

    def _use_bucket(
        self, bucket: s3.IBucket, prefix: str, actions: Sequence[str], variable: str
    ) -> None:
        self.may("s3", actions, bucket.arn_for_objects(f"{prefix}/*"))
        self.uses_key()
        self.add_environment(variable, bucket.bucket_name)


_ENTERS_A_NETWORK = iam.PolicyStatement(
    actions=[
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ],
    resources=["*"],  # these have no resource-level permissions for a function's own interfaces
)


def _architecture(*, arm64: bool) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if arm64 else lambda_.Architecture.X86_64


def _layers(scope: Construct, foundation: Foundation) -> list[lambda_.ILayerVersion]:
    """Give the layers of the scope's stack.

    Each stack has its own: a layer is replaced whenever it changes, and CloudFormation refuses
    to replace what another stack imports.
    """
    stage = foundation.stage
    if stage.sources.layer:
        return [_layer(scope, "Layer", stage.sources.layer)]
    return [
        _layer(scope, "Libraries", layer.libraries(stage)),
        _layer(scope, "Package", layer.package()),
    ]


def _layer(scope: Construct, name: str, folder: Path) -> lambda_.ILayerVersion:
    stack = Stack.of(scope)
    found = stack.node.try_find_child(name)
    if isinstance(found, lambda_.LayerVersion):
        return found
    code = lambda_.Code.from_asset(
        str(folder), asset_hash=folder.name, asset_hash_type=AssetHashType.CUSTOM
    )
    return lambda_.LayerVersion(stack, name, code=code)
