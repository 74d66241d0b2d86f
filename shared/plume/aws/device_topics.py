"""Acknowledgements and commands published to the devices by AWS IoT Core."""

from plume.aws.clients import iot_data
from plume.aws.failures import told_as_unavailable
from plume.model.command import Command
from plume.model.identity import ThingName
from plume.model.segment import Acknowledgement
from plume.wire.commands import command_message
from plume.wire.messages import ack_json
from plume.wire.names import ACK_TOPIC, COMMANDS_TOPIC


class DeviceTopics:
    """`plume.ports.notices.DeviceAcks` and `DeviceCommands` on MQTT."""

    def tell(self, thing: ThingName, told: Acknowledgement) -> None:
        """Publish at QoS 1 what of a device's chain is stored; harmless when repeated."""
        topic = ACK_TOPIC.format(thing=thing)
        with told_as_unavailable(f"topic {topic}"):
            iot_data().publish(topic=topic, qos=1, payload=ack_json(told))

    def send(self, command: Command) -> None:
        """Publish one command at QoS 1; harmless when repeated, a device obeys an id once."""
        topic = COMMANDS_TOPIC.format(thing=command.thing)
        with told_as_unavailable(f"topic {topic}"):
            iot_data().publish(topic=topic, qos=1, payload=command_message(command))
