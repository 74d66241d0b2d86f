"""The way to AWS IoT Core through the Greengrass nucleus, whose connection this is.

That the nucleus accepts a message says that it has spooled it in memory (Nucleus) or handed it to
its client (Nucleus Lite), and no more; the uplink's own outbox makes up for both.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from awsiot.greengrasscoreipc.model import QOS

from edge_greengrass.journal import Journal
from edge_greengrass.uplink.publisher import Ears, Told
from plume.errors import Unavailable
from plume.wire.names import ACK_TOPIC, COMMANDS_TOPIC, SEGMENTS_TOPIC

PUBLISH_SECONDS = 30.0
_FAULTS = (RuntimeError, OSError)
"""Every error of the library, the nucleus's own refusals included, is a RuntimeError."""


class Nucleus(Protocol):
    """The part of `GreengrassCoreIPCClientV2` that is spoken here."""

    def publish_to_iot_core_async(self, *, topic_name: str, qos: str, payload: bytes) -> Any:  # noqa: ANN401
        """Publish; give a concurrent future."""

    def subscribe_to_iot_core(self, **subscription: object) -> Any:  # noqa: ANN401
        """Subscribe; messages arrive in threads of the client."""

    def close(self) -> Any:  # noqa: ANN401
        """Hang up."""


class IpcPublisher:
    """One IPC connection; when the nucleus ends it, the component ends too and is restarted.

    Args:
        thing: the core device's name.
        nucleus: an open client.
        lost: told when the nucleus has gone away.
    """

    def __init__(
        self, thing: str, nucleus: Nucleus, journal: Journal, lost: asyncio.Event
    ) -> None:
        self._segments = SEGMENTS_TOPIC.format(thing=thing)
        self._acks = ACK_TOPIC.format(thing=thing)
        self._commands = COMMANDS_TOPIC.format(thing=thing)
        self._nucleus, self._journal, self._lost = nucleus, journal, lost
        self._thread = ThreadPoolExecutor(1, "ipc")
        self._loop = asyncio.get_running_loop()

    @property
    def connected(self) -> bool:
        """Whether the nucleus is there; the state of its own connection is its business."""
        return not self._lost.is_set()

    async def open(self, ears: Ears) -> None:
        """Subscribe to the acknowledgements and to the commands."""
        loop = asyncio.get_running_loop()
        for topic, told in ((self._acks, ears.acknowledged), (self._commands, ears.commanded)):
            await loop.run_in_executor(self._thread, self._subscribe, topic, _ear(loop, told))
        self._journal.tell("ipc_connected", acks=self._acks, commands=self._commands)
        ears.connected()

    async def publish(self, payload: bytes) -> None:
        """Give one segment to the nucleus with QoS 1."""
        try:
            future = self._nucleus.publish_to_iot_core_async(
                topic_name=self._segments, qos=QOS.AT_LEAST_ONCE, payload=payload
            )
            async with asyncio.timeout(PUBLISH_SECONDS):
                await asyncio.wrap_future(future)
        except (*_FAULTS, TimeoutError) as fault:
            raise Unavailable(f"{type(fault).__name__}: {fault}") from fault

    async def close(self) -> None:
        """Hang up."""
        await asyncio.to_thread(self._nucleus.close)
        self._thread.shutdown(wait=False)

    def _subscribe(self, topic: str, on_message: Any) -> None:  # noqa: ANN401
        loop = self._loop

        def on_closed() -> None:
            loop.call_soon_threadsafe(self._lost.set)

        try:
            self._nucleus.subscribe_to_iot_core(
                topic_name=topic,
                qos=QOS.AT_LEAST_ONCE,
                on_stream_event=on_message,
                on_stream_closed=on_closed,
            )
        except _FAULTS as fault:
            raise Unavailable(f"{type(fault).__name__}: {fault}") from fault


def _ear(loop: asyncio.AbstractEventLoop, told: Told) -> Any:  # noqa: ANN401, untyped library
    """Bring messages from the client's threads into the event loop."""
    return lambda event: loop.call_soon_threadsafe(told, event.message.payload)
