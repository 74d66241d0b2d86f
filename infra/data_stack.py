"""What Plume keeps: key, tables, bundles of segments, media, the platform's own key pair."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.foundation import Foundation
from infra.platform_key_pair import PlatformKeyPair
from infra.plume_queue import PlumeQueue
from infra.plume_stack import PlumeStack
from infra.stage import Stage
from plume.wire.names import LIVE_PREFIX, MEDIA_PREFIX
from plume.wire.tables import TABLES, TableSpec

JUDGE_BELATED_TIME = Duration.minutes(5)
WRITE_SERIES_TIME = Duration.seconds(60)
INGEST_TIME = Duration.seconds(60)


class DataStack(PlumeStack):
    """What outlives every function."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, "Data", stage, "tables, bundles and keys.")
        key = self._key(stage)
        self.foundation = Foundation(stage, key, self._operations(stage, key))
        self.tables = {spec.name: self._table(spec) for spec in TABLES}
        self.access_logs = self._access_logs()
        self.bundles_queue = PlumeQueue(self, "Bundles", self.foundation, work=WRITE_SERIES_TIME)
        self.backlog_queue = PlumeQueue(self, "Backlog", self.foundation, work=INGEST_TIME)
        self.belated_queue = PlumeQueue(
            self, "Belated", self.foundation, work=JUDGE_BELATED_TIME, after=INGEST_TIME
        )
        self.segments = self._segments()
        self.media = self._media()
        self.platform_key_arn = PlatformKeyPair(self, self.foundation).secret_arn
        self._tell()

    def _key(self, stage: Stage) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            alias="plume",
            description="Encrypts everything Plume keeps.",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN
            if stage.care.keeps_data
            else RemovalPolicy.DESTROY,
        )
        logs = iam.ServicePrincipal(f"logs.{self.region}.{self.url_suffix}")
        for principal in (logs, iam.ServicePrincipal("cloudwatch.amazonaws.com")):
            key.grant_encrypt_decrypt(principal)
        return key

    def _operations(self, stage: Stage, key: kms.Key) -> sns.Topic:
        return sns.Topic(
            self,
            "Operations",
            display_name="Plume: a person is needed",
            master_key=key,
            enforce_ssl=stage.traits.tls,
        )

    def _table(self, spec: TableSpec) -> dynamodb.TableV2:
        foundation = self.foundation
        return dynamodb.TableV2(
            self,
            f"{spec.name.capitalize()}Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(foundation.key),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="expires" if spec.expires else None,
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if spec.stream else None,
            global_secondary_indexes=[_index(name) for name in spec.indexes],
            deletion_protection=foundation.stage.care.keeps_data,
            removal_policy=foundation.removal,
        )

    def _access_logs(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,  # S3 writes access logs to no other
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self.foundation.stage.traits.tls,
            object_ownership=s3.ObjectOwnership.OBJECT_WRITER,  # CloudFront writes by ACL
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(365))],
            removal_policy=self.foundation.removal,
        )

    def _segments(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Segments",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.foundation.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self.foundation.stage.traits.tls,
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=self._retention(),
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="segments/",
            lifecycle_rules=[_cools_down()],
            removal_policy=self.foundation.removal,
        )
        self._announce(bucket, {"bundles/": self.bundles_queue, "backlog/": self.backlog_queue})
        return bucket

    def _media(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "MediaBucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.foundation.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self.foundation.stage.traits.tls,
            versioned=True,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="media/",
            lifecycle_rules=[_media_cools_down(), *_live_is_gone_after_a_day()],
            removal_policy=self.foundation.removal,
        )

    def _retention(self) -> s3.ObjectLockRetention:
        stage = self.foundation.stage
        if stage.care.evidence_years:
            return s3.ObjectLockRetention.compliance(stage.evidence_lock)
        return s3.ObjectLockRetention.governance(stage.evidence_lock)

    def _announce(self, bucket: s3.Bucket, queues: Mapping[str, sqs.Queue]) -> None:
        """Tell a queue of each new object under its prefix, by the bucket and nothing in between.

        The queues let this account's buckets in, not this bucket: the bucket asks the queue
        when it is made, before it has a name.
        """
        raw = cast("s3.CfnBucket", bucket.node.default_child)
        for queue in queues.values():
            allowed = iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
            queue.add_to_resource_policy(allowed)
            raw.node.add_dependency(queue.node.find_child("Policy"))
        raw.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[_tells_of(prefix, queue) for prefix, queue in queues.items()]
        )

    def _tell(self) -> None:
        for name, table in self.tables.items():
            self.output(f"Table{name.capitalize()}", table.table_name)
        self.output("SegmentsBucket", self.segments.bucket_name)
        self.output("MediaBucketName", self.media.bucket_name)
        self.output("BundlesQueueUrl", self.bundles_queue.queue_url)
        self.output("BacklogQueueUrl", self.backlog_queue.queue_url)
        self.output("PlatformKeySecretArn", self.platform_key_arn)
        self.output("OperationsTopicArn", self.foundation.operations.topic_arn)


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _index(name: str) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name, partition_key=_text(f"{name}_pk"), sort_key=_text(f"{name}_sk")
    )


def _cools_down() -> s3.LifecycleRule:
    cold = s3.Transition(
        storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
        transition_after=Duration.days(90),
    )
    return s3.LifecycleRule(transitions=[cold])


def _media_cools_down() -> s3.LifecycleRule:
    """Move snapshots and clips to what is cheap to keep; they are read like any other."""
    cold = s3.Transition(
        storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
        transition_after=Duration.days(90),
    )
    prefix = _root(MEDIA_PREFIX)
    return s3.LifecycleRule(prefix=prefix, transitions=[cold])


def _live_is_gone_after_a_day() -> list[s3.LifecycleRule]:
    """Delete what was only watched: the object, its older versions, and then its marker."""
    day, prefix = Duration.days(1), _root(LIVE_PREFIX)
    gone = s3.LifecycleRule(prefix=prefix, expiration=day, noncurrent_version_expiration=day)
    return [gone, s3.LifecycleRule(prefix=prefix, expired_object_delete_marker=True)]


def _root(prefix: str) -> str:
    """`media/{thing}/` begins with `media/`, whatever the thing."""
    return prefix.split("{", maxsplit=1)[0]


def _tells_of(prefix: str, queue: sqs.Queue) -> s3.CfnBucket.QueueConfigurationProperty:
    rule = s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)
    return s3.CfnBucket.QueueConfigurationProperty(
        event="s3:ObjectCreated:*",
        queue=queue.queue_arn,
        filter=s3.CfnBucket.NotificationFilterProperty(
            s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])
        ),
    )
