"""The way through the Greengrass nucleus, against a nucleus of our own that follows its client."""

import asyncio
import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from edge_greengrass.journal import Journal
from edge_greengrass.uplink.ipc_publisher import IpcPublisher
from edge_greengrass.uplink.publisher import Ears
from plume.errors import Unavailable
from tests.component.patience import PATIENCE


class Nucleus:
    """Takes messages and speaks from a thread of its own, as `GreengrassCoreIPCClientV2` does."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str, bytes]] = []
        self.streams: dict[str, dict[str, Any]] = {}
        self.refuses: Exception | None = None
        self.closed = False

    def publish_to_iot_core_async(self, *, topic_name: str, qos: str, payload: bytes) -> Any:
        done: Future[None] = Future()
        self.published.append((topic_name, qos, payload))
        if self.refuses:
            done.set_exception(self.refuses)
        else:
            done.set_result(None)
        return done

    def subscribe_to_iot_core(self, **subscription: Any) -> None:
        if self.refuses:
            raise self.refuses
        self.streams[subscription["topic_name"]] = subscription

    def says(self, topic: str, message: bytes) -> None:
        event = SimpleNamespace(message=SimpleNamespace(payload=message))
        speak = threading.Thread(target=self.streams[topic]["on_stream_event"], args=(event,))
        speak.start()
        speak.join()

    def close(self) -> None:
        self.closed = True


class Heard:
    """Notes what comes down."""

    def __init__(self) -> None:
        self.acks: list[bytes] = []
        self.commands: list[bytes] = []
        self.connected = 0
        self.ears = Ears(self.acks.append, self.commands.append, self._connect)

    def _connect(self) -> None:
        self.connected += 1


@pytest.fixture
def nucleus() -> Nucleus:
    return Nucleus()


def publisher_of(nucleus: Nucleus, lost: asyncio.Event) -> IpcPublisher:
    return IpcPublisher("edge-1", nucleus, Journal("uplink"), lost)


async def test_acknowledgements_and_commands_come_down_on_their_own_topics(
    nucleus: Nucleus,
) -> None:
    heard = Heard()
    publisher = publisher_of(nucleus, asyncio.Event())
    await publisher.open(heard.ears)
    nucleus.says("plume/edge-1/ack", b"ack")
    nucleus.says("plume/edge-1/commands", b"command")
    await asyncio.sleep(0)
    assert (heard.acks, heard.commands, heard.connected) == ([b"ack"], [b"command"], 1)
    assert publisher.connected
    await publisher.close()
    assert nucleus.closed


async def test_segments_go_up_by_basic_ingest_with_qos_1(nucleus: Nucleus) -> None:
    publisher = publisher_of(nucleus, asyncio.Event())
    await publisher.open(Heard().ears)
    await publisher.publish(b"segment")
    topic = "$aws/rules/plume_segments/edge-1/segments"
    assert nucleus.published == [(topic, "1", b"segment")]
    nucleus.refuses = RuntimeError("the spool is full")
    with pytest.raises(Unavailable, match="the spool is full"):
        await publisher.publish(b"segment")
    await publisher.close()


async def test_a_nucleus_that_ends_a_stream_is_lost(nucleus: Nucleus) -> None:
    lost = asyncio.Event()
    publisher = publisher_of(nucleus, lost)
    await publisher.open(Heard().ears)
    nucleus.streams["plume/edge-1/commands"]["on_stream_closed"]()
    async with asyncio.timeout(PATIENCE):
        await lost.wait()
    assert not publisher.connected
    await publisher.close()


async def test_a_nucleus_that_refuses_to_subscribe_is_unavailable(nucleus: Nucleus) -> None:
    nucleus.refuses = RuntimeError("not authorized")
    publisher = publisher_of(nucleus, asyncio.Event())
    with pytest.raises(Unavailable, match="not authorized"):
        await publisher.open(Heard().ears)
    await publisher.close()
