"""From stored values to alarms: windows are judged, findings become alarms."""

from aws_cdk import Duration
from constructs import Construct

from infra.command_stack import CommandStack
from infra.data_stack import DataStack
from infra.plume_function import PlumeFunction, Spec
from infra.plume_queue import PlumeQueue
from infra.plume_stack import PlumeStack
from infra.series_stack import SeriesStore
from plume.wire.names import ENV_COMMANDS_QUEUE, ENV_FINDINGS_QUEUE

JUDGE_WINDOW = Spec(
    name="judge_window",
    says="Judges each window: validity, roll-up, limits, treatment; sweeps for silence.",
    memory=1024,
    timeout=Duration.seconds(60),
)
RAISE_ALARM = Spec(
    name="raise_alarm",
    says="Turns findings into alarms, one open alarm for each cause.",
    memory=512,
    timeout=Duration.seconds(30),
)
SWEEP_EVERY = Duration.minutes(5)
SWEEP = {"sweep": True}


class JudgeStack(PlumeStack):
    """Windows in, alarms out."""

    def __init__(
        self, scope: Construct, data: DataStack, command: CommandStack, series: SeriesStore
    ) -> None:
        super().__init__(scope, "Judge", data.foundation.stage, "windows in, alarms out.")
        foundation = data.foundation
        self.windows = PlumeQueue(self, "Windows", foundation, work=JUDGE_WINDOW.timeout)
        self.findings = PlumeQueue(self, "Findings", foundation, work=RAISE_ALARM.timeout)
        self._judge(data, series)
        self._raise(data, command)
        self.output("WindowsQueueUrl", self.windows.queue_url)
        self.output("FindingsQueueUrl", self.findings.queue_url)

    def _judge(self, data: DataStack, series: SeriesStore) -> None:
        judge = PlumeFunction(self, data.foundation, JUDGE_WINDOW, network=series.network)
        judge.takes(self.windows, batch=100, most=20)
        judge.runs_every(SWEEP_EVERY, SWEEP)
        judge.reads(data.tables, "registry", "latest")
        judge.writes(data.tables, "readings")
        judge.sends(self.findings, ENV_FINDINGS_QUEUE)
        series.serves(judge)

    def _raise(self, data: DataStack, command: CommandStack) -> None:
        alarm = PlumeFunction(self, data.foundation, RAISE_ALARM)
        alarm.takes(self.findings, batch=10, most=10)
        alarm.reads(data.tables, "registry")
        alarm.writes(data.tables, "alarms")
        alarm.sends(command.queue, ENV_COMMANDS_QUEUE)
