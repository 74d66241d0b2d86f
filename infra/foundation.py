"""What every stack stands on: the stage, the key that encrypts, the topic that calls a person."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.stage import Stage

PERIOD = Duration.minutes(5)


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every function, queue and log is made with."""

    stage: Stage
    key: kms.IKey
    operations: sns.ITopic

    @property
    def removal(self) -> RemovalPolicy:
        """What happens to stored things when their stack is deleted."""
        return RemovalPolicy.RETAIN if self.stage.care.keeps_data else RemovalPolicy.DESTROY

    def alarm(self, scope: Construct, name: str, metric: cloudwatch.Metric, says: str) -> None:
        """Call a person as soon as the metric reaches one within five minutes."""
        cloudwatch.Alarm(
            scope,
            name,
            metric=metric.with_(period=PERIOD),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=says,
        ).add_alarm_action(actions.SnsAction(self.operations))

    def log(self, scope: Construct, name: str) -> logs.LogGroup:
        """Give a log that is encrypted and forgotten in time."""
        return logs.LogGroup(
            scope,
            name,
            retention=logs.RetentionDays(RETENTION[self.stage.care.log_days]),
            encryption_key=self.key,
            removal_policy=self.removal,
        )


RETENTION = {30: "ONE_MONTH", 365: "ONE_YEAR"}
