"""A data logger that shares no code with Plume: sockets, and the bit loop of annex A."""

import socket
from datetime import UTC, datetime, timedelta, timezone
from typing import Self

BEIJING = timezone(timedelta(hours=8))


def checksum(data: bytes) -> str:
    """Compute the CRC bit by bit, as HJ 212-2017 annex A prints it."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return f"{register:04X}"


def packet(segment: str) -> bytes:
    """Frame one data segment."""
    data = segment.encode()
    return b"##%04d%s%s\r\n" % (len(data), data, checksum(data).encode())


def beijing_now() -> datetime:
    """Give the time on the wall of a plant in China."""
    return datetime.now(tz=UTC).astimezone(BEIJING)


def request_number() -> str:
    """Give a QN: the local time to the millisecond."""
    now = beijing_now()
    return f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"


def hour_frame(
    mn: str, hour: datetime, items: str, *, st: int = 31, password: str = "123456"
) -> bytes:
    """Frame hour data (CN 2061) that ask for an answer (Flag 5)."""
    head = f"QN={request_number()};ST={st};CN=2061;PW={password};MN={mn};Flag=5"
    return packet(f"{head};CP=&&DataTime={hour:%Y%m%d%H%M%S};{items}&&")


def sample_frame(
    mn: str, at: datetime, items: str, *, st: int = 51, password: str = "123456"
) -> bytes:
    """Frame one real-time sample (CN 2011), of production and treatment unless said otherwise."""
    head = f"QN={request_number()};ST={st};CN=2011;PW={password};MN={mn};Flag=5"
    return packet(f"{head};CP=&&DataTime={at:%Y%m%d%H%M%S};{items}&&")


class DataLogger:
    """One TCP connection to a collector."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Put bytes on the wire."""
        self._socket.sendall(data)

    def answer(self, *, within: float = 10.0) -> bytes:
        """Read up to the end of one answer; empty when none comes in time."""
        self._socket.settimeout(within)
        received = b""
        try:
            while not received.endswith(b"\r\n"):
                more = self._socket.recv(4096)
                if not more:
                    break
                received += more
        except TimeoutError:
            return b""
        return received

    def ask(self, data: bytes, *, within: float = 10.0) -> bytes:
        """Send and read the answer."""
        self.send(data)
        return self.answer(within=within)
