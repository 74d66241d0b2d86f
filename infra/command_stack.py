"""Commands down to the devices: what the page asks for waits in a queue until it is sent."""

from aws_cdk import Duration
from constructs import Construct

from infra.data_stack import DataStack
from infra.plume_function import PlumeFunction, Spec
from infra.plume_queue import PlumeQueue
from infra.plume_stack import PlumeStack
from plume.wire.names import COMMANDS_TOPIC

SEND_COMMANDS = Spec(
    name="send_commands",
    says="Sends commands to the devices; ends those that are out of time.",
    memory=512,
    timeout=Duration.seconds(30),
)
SWEEP_EVERY = Duration.minutes(1)
SWEEP = {"sweep": True}


class CommandStack(PlumeStack):
    """A queue and the one function that may speak to devices in a person's name.

    The API itself is in the private network of the curves, from where no way leads to IoT Core.
    """

    def __init__(self, scope: Construct, data: DataStack) -> None:
        super().__init__(scope, "Command", data.foundation.stage, "commands down to the devices.")
        foundation = data.foundation
        self.queue = PlumeQueue(self, "Commands", foundation, work=SEND_COMMANDS.timeout)
        send = PlumeFunction(self, foundation, SEND_COMMANDS)
        send.takes(self.queue, batch=10, most=5)
        send.runs_every(SWEEP_EVERY, SWEEP)
        send.reads(data.tables, "registry")
        send.writes(data.tables, "commands", "audit", "devices")
        topic = COMMANDS_TOPIC.format(thing="*")
        arn = self.format_arn(service="iot", resource="topic", resource_name=topic)
        send.may("iot", ("Publish",), arn)
        self.output("CommandsQueueUrl", self.queue.queue_url)
