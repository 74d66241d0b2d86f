"""How many Modbus points per second one core polls, scales, packs and keeps durably.

The devices are plain sockets in a process of their own that answer each request with ready-made
bytes, so that what is measured is the collector: the library's client, numbers, blocks, disk.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plume.evidence import payload
from plume.series import block

ROOT = Path(__file__).parents[2]
DEVICES = 40
CHANNELS = 125
PERIOD = 0.1
SECONDS = 8.0
GOAL = 20_000
HEAD_BYTES = 12


class Devices:
    """PLCs that answer every read of holding registers at once, with what lies in them."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port = self._listener.getsockname()[1]
        self.answered = 0
        self._registers = b"".join((n * 37 % 4096).to_bytes(2, "big") for n in range(CHANNELS))

    def run(self) -> None:
        """Answer for ever."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    connection, _ = self._listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._selector.register(connection, selectors.EVENT_READ)
                else:
                    self._answer(key.fileobj)

    def _answer(self, connection: socket.socket) -> None:
        request = connection.recv(4096)
        if not request:
            self._selector.unregister(connection)
            connection.close()
            return
        for at in range(0, len(request), HEAD_BYTES):
            count = int.from_bytes(request[at + 10 : at + 12], "big")
            body = bytes([3, 2 * count]) + self._registers[: 2 * count]
            head = request[at : at + 4] + (len(body) + 1).to_bytes(2, "big")
            connection.sendall(head + request[at + 6 : at + 7] + body)


def devices() -> None:
    """Be the devices: print the port, then answer until the pipe to the parent closes."""
    made = Devices()
    threading.Thread(target=made.run, daemon=True).start()
    print(made.port, flush=True)
    sys.stdin.read()


def cpu_seconds(process: int) -> float:
    """Give the CPU time a process has used, in user and system mode."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settings(home: str, port: int) -> dict[str, object]:
    """Poll every device at such a pace that all together give more than the goal."""
    channels = [
        {"channel": f"g{1 + n // 99}{n % 99 + 1:02d}{n % 9 + 1:02d}", "address": n, "decimals": 0}
        for n in range(CHANNELS)
    ]
    source = {"kind": "modbus", "host": "127.0.0.1", "port": port, "seconds": PERIOD}
    return {
        "thing": "edge-bench",
        "home": home,
        "listeners": [],
        "outlets": [],
        "fingerprintSeed": "bench",
        "sources": [
            {
                **source, "name": f"plc-{n}", "outletId": f"outlet-{n}", "channels": channels,
                "pointsPerSecond": 1e6, "blockSeconds": 0.5,
            }
            for n in range(DEVICES)
        ],
    }  # fmt: skip


@contextmanager
def collector(port: int) -> Iterator[tuple[int, Path]]:
    """Run a real collector, held to one core; give its process id and its home."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "collector.json"
        config.write_text(json.dumps(settings(folder, port)), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "edge_greengrass.collector", "--config", str(config)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        os.sched_setaffinity(process.pid, {0})
        try:
            process.stdout.readline()
            yield process.pid, Path(folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


def points(home: Path) -> int:
    """Count the points that are on the disk."""
    os.environ["PLUME_FINGERPRINT_SEED"] = "bench"
    from edge_greengrass.outbox.device_key import outbox_key  # noqa: PLC0415, by the seed above
    from edge_greengrass.outbox.log import AppendLog  # noqa: PLC0415

    log = AppendLog(home / "telemetry", key=outbox_key(home), quota_bytes=1 << 30)
    kept = [payload.decode(record) for _, record in log.read(None, 1_000_000)]
    columns = [block.decode(one) for record in kept for one in record.blocks]
    return sum(len(one.times) * len(one.values) for one in columns)


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Poll real connections over loopback; what counts is on the disk at the end."""
    ask = [sys.executable, str(Path(__file__)), "devices"]
    plant = subprocess.Popen(
        ask,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
    )
    try:
        with collector(int(plant.stdout.readline())) as (process, home):
            time.sleep(2.0)  # connections are made; what is counted begins now
            before, began, cpu = points(home), time.perf_counter(), cpu_seconds(process)
            time.sleep(SECONDS)
            used = cpu_seconds(process) - cpu
            elapsed = time.perf_counter() - began
            kept = points(home) - before
    finally:
        plant.communicate()
    rate = kept / elapsed
    per_core = kept / used
    return [
        ("modbus.points", rate, "points/s", f">= {GOAL}", rate >= GOAL),
        ("modbus.points.per_cpu_second", per_core, "points", f">= {GOAL}", per_core >= GOAL),
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ["devices"]:
        devices()
    else:
        for figure in figures():
            print(*figure)
