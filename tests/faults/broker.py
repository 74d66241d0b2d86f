"""A small MQTT 5 broker over mutual TLS: enough of one for a device under fault.

Written for these tests alone and from the standard (OASIS MQTT 5.0), so that a device's client
library meets a stranger. It knows CONNECT, SUBSCRIBE, UNSUBSCRIBE, PUBLISH of QoS 0 and 1,
PINGREQ and DISCONNECT; one message may be refused with any reason code.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK = 10, 11
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14
SUCCESS, QUOTA_EXCEEDED = 0x00, 0x97

T = TypeVar("T")
Heard = Callable[[str, bytes], int | None]
"""Is told topic and payload of each PUBLISH; gives the reason code, None to stay silent."""


@dataclass(eq=False)
class Session:
    """One connected client."""

    writer: asyncio.StreamWriter
    client: str
    serial: int = 0
    topics: set[str] = field(default_factory=set)
    packet: int = 0


class Broker:
    """Runs in a thread of its own until `close`."""

    def __init__(self, context: ssl.SSLContext, heard: Heard) -> None:
        self._context, self._heard = context, heard
        self._sessions: set[Session] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.connects = 0
        self.shown: list[int] = []
        """The serial number of the certificate behind each connection, in order."""
        self.revoked: set[int] = set()
        self._server = self._run(self._listen())
        self.port: int = self._server.sockets[0].getsockname()[1]

    def publish(self, topic: str, payload: bytes) -> None:
        """Send to every subscriber, QoS 1; from any thread."""
        self._loop.call_soon_threadsafe(self._send, topic, payload)

    def hang_up(self) -> None:
        """Cut every connection without a word."""
        self._loop.call_soon_threadsafe(self._abort)

    def close(self) -> None:
        """Stop listening, hang up, and end the thread."""
        self._run(self._part())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _part(self) -> None:
        self._server.close()
        self._abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=2)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)

    def _abort(self) -> None:
        for session in list(self._sessions):
            session.writer.transport.abort()

    def _send(self, topic: str, payload: bytes) -> None:
        for session in self._sessions:
            if topic in session.topics:
                session.packet = session.packet % 0xFFFF + 1
                body = _text(topic) + session.packet.to_bytes(2, "big") + b"\0" + payload
                session.writer.write(_packet(PUBLISH, 0b0010, body))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert")["serialNumber"]
        session = Session(writer, "", int(shown, 16))
        try:
            while True:
                first = (await reader.readexactly(1))[0]
                body = await reader.readexactly(await _length(reader))
                if first >> 4 == DISCONNECT:
                    return
                self._answer(session, first, body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            return
        finally:
            self._sessions.discard(session)
            with suppress(Exception):
                writer.close()

    def _answer(self, session: Session, first: int, body: bytes) -> None:
        kind = first >> 4
        if kind == CONNECT:
            self._connect(session)
        elif kind == PUBLISH:
            self._publish(session, first, body)
        elif kind == PINGREQ:
            session.writer.write(_packet(PINGRESP, 0, b""))
        else:
            self._change_topics(session, kind, body)

    def _connect(self, session: Session) -> None:
        self.connects += 1
        self.shown.append(session.serial)
        if session.serial in self.revoked:
            session.writer.transport.abort()
            return
        self._sessions.add(session)
        session.writer.write(_packet(CONNACK, 0, b"\0\0\0"))

    def _change_topics(self, session: Session, kind: int, body: bytes) -> None:
        if kind == SUBSCRIBE:
            wanted = _topics(body, options=1)
            session.topics.update(wanted)
            session.writer.write(_packet(SUBACK, 0, body[:2] + b"\0" + b"\1" * len(wanted)))
        elif kind == UNSUBSCRIBE:
            unwanted = _topics(body, options=0)
            session.topics.difference_update(unwanted)
            session.writer.write(_packet(UNSUBACK, 0, body[:2] + b"\0" + bytes(len(unwanted))))

    def _publish(self, session: Session, first: int, body: bytes) -> None:
        size = int.from_bytes(body[:2], "big")
        topic, at = body[2 : 2 + size].decode(), 2 + size
        packet = body[at : at + 2]
        properties, at = _number(body, at + 2)
        reason = self._heard(topic, body[at + properties :])
        if reason is not None and first >> 1 & 3:
            session.writer.write(_packet(PUBACK, 0, packet + bytes([reason, 0])))


def _topics(body: bytes, options: int) -> list[str]:
    """Read the filters of a SUBSCRIBE or UNSUBSCRIBE, each followed by so many bytes."""
    properties, at = _number(body, 2)
    at, found = at + properties, []
    while at < len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        found.append(body[at + 2 : at + 2 + size].decode())
        at += 2 + size + options
    return found


async def _length(reader: asyncio.StreamReader) -> int:
    value = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
        shift += 7


def _number(body: bytes, at: int) -> tuple[int, int]:
    """Read a variable byte integer; give it and the offset behind it."""
    value = shift = 0
    while True:
        value |= (body[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if body[at - 1] < 0x80:
            return value, at


def _packet(kind: int, flags: int, body: bytes) -> bytes:
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([kind << 4 | flags]) + length + body


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()
