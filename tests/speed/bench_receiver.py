"""How many frames per second the collector answers, each only after it is on the disk."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from plume.hj212 import encode

ROOT = Path(__file__).parents[2]
MN = "010000A8900016F000169DC0"
CONNECTIONS = 50
SECONDS = 4.0
GOAL = 3_000
BURST = 20


def frame() -> bytes:
    """Give a real-time frame of about 500 bytes that asks for an answer."""
    now = datetime.now(tz=UTC).astimezone(timezone(timedelta(hours=8)))
    factors = ("a21026", "a21002", "a34013", "a19001", "a01011", "a01012", "a01013", "a01014")
    items = ";".join(f"{one}-Rtd=35.{n:02d},{one}-Flag=N" for n, one in enumerate(factors))
    return encode.frame(
        qn=f"{now:%Y%m%d%H%M%S}001",
        st="31",
        cn="2011",
        password="123456",
        mn=MN,
        flag=5,
        cp=f"DataTime={now:%Y%m%d%H%M%S};{items}",
    )


async def answered(port: int, burst: int) -> float:
    """Send `burst` frames at a time on every connection; give answered frames per second."""
    raw, counts, until = frame() * burst, [], time.perf_counter() + SECONDS

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.perf_counter() < until:
            writer.write(raw)
            for _ in range(burst):
                await reader.readuntil(b"\r\n")
            count += burst
        counts.append(count)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - began)


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Measure a real collector process over loopback, stop-and-wait and with frames in flight."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "collector.json"
        outlet = {"outletId": "bench", "mn": MN, "st": "31", "password": "123456", "keys": []}
        listener = {"host": "127.0.0.1", "port": 0}
        found = {
            "thing": "edge-bench",
            "home": folder,
            "listeners": [listener],
            "outlets": [outlet],
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
            port = json.loads(process.stdout.readline())["addresses"][0][1]
            waiting = asyncio.run(answered(port, 1))
            flowing = asyncio.run(answered(port, BURST))
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    return [
        ("receiver_stop_and_wait", waiting, "frames/s", f">= {GOAL}", waiting >= GOAL),
        ("receiver_in_flight", flowing, "frames/s", f">= {2 * GOAL}", flowing >= 2 * GOAL),
    ]


if __name__ == "__main__":
    for figure in figures():
        print(*figure)
