"""From the devices into the stores: IoT rule, queue, verification; then the curves."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from constructs import Construct

from infra.command_stack import CommandStack
from infra.data_stack import INGEST_TIME, JUDGE_BELATED_TIME, WRITE_SERIES_TIME, DataStack
from infra.judge_stack import JudgeStack
from infra.plume_function import PlumeFunction, Spec
from infra.plume_queue import DeadQueue, PlumeQueue
from infra.plume_stack import PlumeStack
from infra.series_stack import SeriesStore
from plume.wire.names import (
    ACK_TOPIC,
    ENV_BELATED_QUEUE,
    ENV_COMMANDS_QUEUE,
    ENV_FINDINGS_QUEUE,
    ENV_PLATFORM_KEY_SECRET,
    ENV_WINDOWS_QUEUE,
    METRICS_NAMESPACE,
    PRESENCE_RULE,
    PRESENCE_SQL,
    PROJECT,
    SEGMENTS_RULE,
    SEGMENTS_SQL,
)

INGEST_SEGMENTS = Spec(
    name="ingest_segments",
    says="Verifies segments, keeps them as bundles, acknowledges them to their device.",
    memory=1024,
    timeout=INGEST_TIME,
)
WRITE_SERIES = Spec(
    name="write_series",
    says="Writes the curves of each bundle.",
    memory=1024,
    timeout=WRITE_SERIES_TIME,
)
JUDGE_BELATED = Spec(
    name="judge_belated",
    says="Judges again what was refused before its outlet or key was registered.",
    memory=1024,
    timeout=JUDGE_BELATED_TIME,
)
WATCH_PRESENCE = Spec(
    name="watch_presence",
    says="Raises an alarm when two machines fight for one name.",
    memory=512,
    timeout=Duration.seconds(30),
)
CALLS = {
    "DeviceCloned": "Two machines speak under one device's name.",
    "DeviceContested": "Connections under one device's name displace one another.",
    "SegmentChainBroken": "A device's hash chain does not join: evidence is missing or forged.",
    "DeviceRefused": "A device or what it sent was refused; the log says why.",
    "MediaAltered": "A snapshot or clip in the store is not what its device signed.",
    "DeviceGaveUp": "A device's disk was full and data were thinned or dropped.",
}


class IngestStack(PlumeStack):
    """Segments in; bundles, values and curves out."""

    def __init__(
        self,
        scope: Construct,
        data: DataStack,
        judge: JudgeStack,
        series: SeriesStore,
        command: CommandStack,
    ) -> None:
        super().__init__(scope, "Ingest", data.foundation.stage, "segments in, values out.")
        self._data, self._judge, self._series = data, judge, series
        self._command = command
        foundation = data.foundation
        self.queue = PlumeQueue(self, "Segments", foundation, work=INGEST_SEGMENTS.timeout)
        self.refused = DeadQueue(self, "RuleErrors", foundation)
        self._rule()
        self._ingest()
        self._write_series()
        self._judge_belated()
        self._watch_presence()
        self._call_a_person()
        self.output("SegmentsQueueUrl", self.queue.queue_url)
        self.output("RuleErrorsQueueUrl", self.refused.queue_url)

    def _rule(self) -> None:
        """Carry each segment from Basic Ingest to the queue; what fails goes beside it."""
        payload = iot.CfnTopicRule.TopicRulePayloadProperty(
            sql=SEGMENTS_SQL,
            aws_iot_sql_version="2016-03-23",
            description="Segments of the edge devices.",
            actions=[self._to(self.queue)],
            error_action=self._to(self.refused),
        )
        iot.CfnTopicRule(
            self, "Rule", rule_name=SEGMENTS_RULE, topic_rule_payload=payload
        ).node.add_dependency(self._carrier)

    def _to(self, queue: PlumeQueue | DeadQueue) -> iot.CfnTopicRule.ActionProperty:
        queue.grant_send_messages(self._carrier)
        action = iot.CfnTopicRule.SqsActionProperty(
            queue_url=queue.queue_url, role_arn=self._carrier.role_arn, use_base64=False
        )
        return iot.CfnTopicRule.ActionProperty(sqs=action)

    @property
    def _carrier(self) -> iam.Role:
        found = self.node.try_find_child("Carrier")
        if isinstance(found, iam.Role):
            return found
        return iam.Role(self, "Carrier", assumed_by=iam.ServicePrincipal("iot.amazonaws.com"))

    def _ingest(self) -> None:
        data = self._data
        ingest = PlumeFunction(self, data.foundation, INGEST_SEGMENTS)
        ingest.takes(self.queue, batch=100, most=50)
        # An object is as much work as hundreds of messages: it has a batch and a queue of its own.
        ingest.takes(data.backlog_queue, batch=1, most=20)
        ingest.gets(data.segments, "backlog")
        ingest.writes(data.tables, "commands", "audit", "devices")
        ingest.writes(data.tables, "registry", "segments", "latest", "readings", "media")
        ingest.opens(data.platform_key_arn, ENV_PLATFORM_KEY_SECRET)
        ingest.sends(self._judge.windows, ENV_WINDOWS_QUEUE)
        ingest.sends(self._judge.findings, ENV_FINDINGS_QUEUE)
        ingest.sends(self._command.queue, ENV_COMMANDS_QUEUE)
        ingest.looks_at(data.media, "media")
        ingest.puts(data.segments, "bundles")
        topic = ACK_TOPIC.format(thing="*")
        arn = self.format_arn(service="iot", resource="topic", resource_name=topic)
        ingest.may("iot", ("Publish",), arn)
        self._retires(ingest)

    def _retires(self, ingest: PlumeFunction) -> None:
        """Let it deactivate what a device shows no more."""
        things = self.format_arn(service="iot", resource="thing", resource_name="*")
        certificates = self.format_arn(service="iot", resource="cert", resource_name="*")
        ingest.may("iot", ("ListThingPrincipals",), things)
        ingest.may("iot", ("DescribeCertificate", "UpdateCertificate"), certificates)

    def _judge_belated(self) -> None:
        data = self._data
        judge = PlumeFunction(self, data.foundation, JUDGE_BELATED)
        judge.takes(data.belated_queue, batch=1, most=4)
        judge.writes(data.tables, "registry", "segments", "latest", "readings")
        judge.opens(data.platform_key_arn, ENV_PLATFORM_KEY_SECRET)
        judge.gets(data.segments, "bundles")
        judge.sends(data.belated_queue, ENV_BELATED_QUEUE)
        judge.sends(self._command.queue, ENV_COMMANDS_QUEUE)
        judge.sends(self._judge.windows, ENV_WINDOWS_QUEUE)
        judge.sends(self._judge.findings, ENV_FINDINGS_QUEUE)

    def _watch_presence(self) -> None:
        """Hear of devices whose connection another one under their name takes away."""
        queue = PlumeQueue(self, "Presence", self._data.foundation, work=WATCH_PRESENCE.timeout)
        payload = iot.CfnTopicRule.TopicRulePayloadProperty(
            sql=PRESENCE_SQL,
            aws_iot_sql_version="2016-03-23",
            description="Devices that were displaced at the broker.",
            actions=[self._to(queue)],
            error_action=self._to(self.refused),
        )
        iot.CfnTopicRule(
            self, "PresenceRule", rule_name=PRESENCE_RULE, topic_rule_payload=payload
        ).node.add_dependency(self._carrier)
        watch = PlumeFunction(self, self._data.foundation, WATCH_PRESENCE)
        watch.takes(queue, batch=10, most=2)
        watch.reads(self._data.tables, "registry")
        watch.writes(self._data.tables, "devices")
        watch.sends(self._judge.findings, ENV_FINDINGS_QUEUE)

    def _call_a_person(self) -> None:
        """Call the operators to what `plume.ports.notices.Operations` tells them of devices."""
        for event, says in CALLS.items():
            metric = cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=event,
                dimensions_map={"service": PROJECT},
                statistic="Sum",
            )
            self._data.foundation.alarm(self, event, metric, says)

    def _write_series(self) -> None:
        data, series = self._data, self._series
        write = PlumeFunction(self, data.foundation, WRITE_SERIES, network=series.network)
        write.takes(data.bundles_queue, batch=10, most=10)
        write.reads(data.tables, "registry")
        write.opens(data.platform_key_arn, ENV_PLATFORM_KEY_SECRET)
        write.sends(self._judge.windows, ENV_WINDOWS_QUEUE)
        write.gets(data.segments, "bundles")
        series.serves(write)
