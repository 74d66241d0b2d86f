"""Acknowledgements published to the devices by AWS IoT Core."""

from plume.aws.clients import iot_data
from plume.aws.failures import told_as_unavailable
from plume.ports.segments import Acknowledged
from plume.wire.messages import ack_json
from plume.wire.names import ACK_TOPIC


class DeviceTopics:
    """`plume.ports.notices.DeviceAcks` on MQTT."""

    def tell(self, mark: Acknowledged) -> None:
        """Publish the highest contiguous sequence at QoS 1; harmless when repeated."""
        topic = ACK_TOPIC.format(thing=mark.thing)
        with told_as_unavailable(f"topic {topic}"):
            iot_data().publish(topic=topic, qos=1, payload=ack_json(mark))
