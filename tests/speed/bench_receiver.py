"""How many frames per second the collector answers, each only after it is on the disk."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from plume.hj212 import encode

ROOT = Path(__file__).parents[2]
CONNECTIONS = 200
SECONDS = 5.0
IN_FLIGHT = 20
ANSWER_END = b"\r\n"
GOAL, GOAL_MS, GOAL_IN_FLIGHT = 20_000, 25.0, 20_000


def mn(number: int) -> str:
    """Name the data logger of a connection."""
    return f"010000A8900016F0{number:08X}"


def frame(number: int) -> bytes:
    """Give a real-time frame of about 500 bytes that asks for an answer."""
    now = datetime.now(tz=UTC).astimezone(timezone(timedelta(hours=8)))
    factors = ("a21026", "a21002", "a34013", "a19001", "a01011", "a01012", "a01013", "a01014")
    items = ";".join(
        f"{one}-Rtd=35.{n:02d},{one}-ZsRtd=41.{n:02d},{one}-Flag=N"
        for n, one in enumerate(factors)
    )
    return encode.frame(
        qn=f"{now:%Y%m%d%H%M%S}001",
        st="31",
        cn="2011",
        password="123456",
        mn=mn(number),
        flag=5,
        cp=f"DataTime={now:%Y%m%d%H%M%S};{items}",
    )


class Load:
    """Data loggers as cheap as can be: precomputed frames on raw sockets, one epoll for all."""

    def __init__(self, port: int, in_flight: int) -> None:
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._raw: dict[int, bytes] = {}
        self._sent: dict[int, deque[float]] = {}
        self._in_flight = in_flight
        self.waits: list[float] = []
        for number in range(CONNECTIONS):
            self._connect(port, frame(number))

    def run(self) -> float:
        """Keep `in_flight` frames outstanding per connection; give answered frames per second."""
        began = time.perf_counter()
        for number in self._sockets:
            self._send(number, self._in_flight)
        while (now := time.perf_counter()) < began + SECONDS:
            for number, _ in self._epoll.poll(0.1):
                self._hear(number)
        for one in self._sockets.values():
            one.close()
        return len(self.waits) / (now - began)

    def worst(self, share: float) -> float:
        """Give the quantile of the seconds from a frame to its answer."""
        return sorted(self.waits)[int(share * len(self.waits))]

    def _connect(self, port: int, raw: bytes) -> None:
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._epoll.register(one, select.EPOLLIN)
        self._sockets[one.fileno()], self._sent[one.fileno()] = one, deque()
        self._raw[one.fileno()] = raw

    def _send(self, number: int, count: int) -> None:
        self._sent[number].extend([time.perf_counter()] * count)
        self._sockets[number].sendall(self._raw[number] * count)

    def _hear(self, number: int) -> None:
        answers = self._sockets[number].recv(65536).count(ANSWER_END)
        now, sent = time.perf_counter(), self._sent[number]
        self.waits += [now - sent.popleft() for _ in range(answers)]
        if answers:
            self._send(number, answers)


def cpu_seconds(process: int) -> float:
    """Give the CPU time a process has used, in user and system mode."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def collector() -> Iterator[tuple[int, int]]:
    """Run a real collector; give its process id and its port."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "collector.json"
        outlets = [
            {"outletId": f"bench-{n}", "mn": mn(n), "st": "31", "password": "123456"}
            for n in range(CONNECTIONS)
        ]
        found = {
            "thing": "edge-bench",
            "home": folder,
            "listeners": [{"host": "127.0.0.1", "port": 0}],
            "outlets": outlets,
            "fingerprintSeed": "bench",
            "intakeBytes": 4 << 30,
        }
        config.write_text(json.dumps(found), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "edge_greengrass.collector", "--config", str(config)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield process.pid, json.loads(process.stdout.readline())["addresses"][0][1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Measure over loopback with 200 connections, stop-and-wait and with frames in flight."""
    found = []
    for name, in_flight, goal in (("wait", 1, GOAL), ("flow", IN_FLIGHT, GOAL_IN_FLIGHT)):
        with collector() as (process, port):
            load = Load(port, in_flight)
            before = cpu_seconds(process)
            rate = load.run()
            cost = (cpu_seconds(process) - before) / max(len(load.waits), 1) * 1e6
        late = load.worst(0.99) * 1e3
        calm = in_flight > 1 or late <= GOAL_MS
        told = f"<= {GOAL_MS:.0f}" if in_flight == 1 else "-"
        found += [
            (f"receiver.{name}", rate, "frames/s", f">= {goal}", rate >= goal),
            (f"receiver.{name}.p99", late, "ms", told, calm),
            (f"receiver.{name}.cpu", cost, "us/frame", "<= 50", cost <= 50),
        ]
    return found


if __name__ == "__main__":
    for figure in figures():
        print(*figure)
