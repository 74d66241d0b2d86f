"""A site under fault: real collector and uplink processes, and a data logger before them."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from edge_greengrass.home import LAWS
from edge_greengrass.site_laws import text_of
from edge_greengrass.uplink.identity import Identity, public_key, write_private
from plume.hj212 import encode
from plume.model.site_law import SiteLaw
from tests.faults.authority import Authority
from tests.faults.cloud import THING, Cloud
from tests.given import BEIJING, SO2_LIMIT, STACK, numbered_qn

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1 << 20
SEED = "site under fault"
CONFIG = "--config"
LAW = SiteLaw(STACK.id, 1, (SO2_LIMIT,), (), STACK.reference_oxygen)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """The device's home, its two programs, and how to start and kill them."""

    def __init__(self, folder: Path, cloud: Cloud, authority: Authority, **uplink: Any) -> None:
        self.home, self.port = folder / "home", free_port()
        self._folder = folder
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self.broken: dict[str, str] = {}
        identity = Identity(self.home / "identity")
        identity.folder.mkdir(parents=True)
        cloud.register(public_key(identity.signing_key_pem()))
        authority.issue(THING, identity.certificate, identity.certificate_key)
        identity.keep_thing(THING)
        self._write("collector", self._collector())
        self._write("uplink", {**self._uplink(cloud, authority), **uplink})
        self._write("sentinel", self._sentinel())

    def reconfigure(self, name: str, **chosen: Any) -> None:
        """Change settings of a program before it is started."""
        path = self._folder / f"{name}.json"
        self._write(name, {**json.loads(path.read_text(encoding="utf-8")), **chosen})

    def add(self, name: str, **chosen: Any) -> None:
        """Give the settings of one more program of this device."""
        self._write(name, {**self._device(), **chosen})

    def start(self, *names: str) -> None:
        for name in names or ("collector", "uplink"):
            if name in self._programs and self._programs[name].poll() is None:
                continue
            with (self._folder / f"{name}.log").open("ab") as log:
                self._programs[name] = subprocess.Popen(  # noqa: S603, our own
                    self._command(name), cwd=ROOT, env=_environment(), stdout=log, stderr=log
                )

    def kill(self, *names: str) -> None:
        """End them by SIGKILL; the dead are counted out before anything starts anew."""
        for name in names or tuple(self._programs):
            self._programs[name].send_signal(signal.SIGKILL)
        for name in names or tuple(self._programs):
            self._programs[name].wait()

    def stop(self) -> None:
        for one in self._programs.values():
            one.kill()
            one.wait()

    def pid(self, name: str) -> int:
        return self._programs[name].pid

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(encoding="utf-8")

    def _command(self, name: str) -> list[str]:
        config = str(self._folder / f"{name}.json")
        if name in self.broken:
            return [sys.executable, "-c", self.broken[name], CONFIG, config]
        return [sys.executable, "-m", f"edge_greengrass.{name}", CONFIG, config]

    def _write(self, name: str, chosen: dict[str, Any]) -> None:
        (self._folder / f"{name}.json").write_text(json.dumps(chosen), encoding="utf-8")

    def _device(self) -> dict[str, Any]:
        return {"home": str(self.home), "fingerprintSeed": SEED, "thing": THING}

    def _collector(self) -> dict[str, Any]:
        outlet = {"outletId": STACK.id, "mn": STACK.mn, "st": "31", "password": "123456"}
        listener = {"host": "127.0.0.1", "port": self.port}
        return {**self._device(), "listeners": [listener], "outlets": [outlet]}

    def _sentinel(self) -> dict[str, Any]:
        """Give its settings, and lay the law beside it that the platform brought before."""
        write_private(self.home / LAWS, text_of({STACK.id: LAW}).encode())
        outlet = {
            "outletId": STACK.id, "mn": STACK.mn, "st": "31", "password": "123456",
            "medium": "gas", "name": {"zh": "1 号机组", "en": "Unit 1"},
        }  # fmt: skip
        return {**self._device(), "outlets": [outlet], "sweepSeconds": 0.2}

    def _uplink(self, cloud: Cloud, authority: Authority) -> dict[str, Any]:
        return {
            **self._device(),
            "serial": "0001",
            "endpoint": "127.0.0.1",
            "port": cloud.broker.port,
            "caFile": str(authority.ca_file),
            "claim": {"certificate": "", "key": ""},
            "template": "none",
            "platformKey": cloud.platform_public_pem(),
            "outboxBytes": 64 * MEBIBYTE,
            "resendSeconds": 1,
        }


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}", "OPENBLAS_NUM_THREADS": "1"}


class Logger:
    """A data logger that never gives up: what was not answered is sent again, byte for byte."""

    def __init__(self, port: int, seed: int = 212) -> None:
        self._port, self._chance = port, random.Random(seed)
        self._ended = threading.Event()
        self._pending: list[bytes] = []
        self._number = 0
        self.fresh = True
        self.sent: Counter[bytes] = Counter()
        self.answered: set[bytes] = set()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def settle(self, within: float) -> None:
        """Say nothing new, and wait until all that was said is answered."""
        self.fresh = False
        deadline = time.monotonic() + within
        while self._pending and time.monotonic() < deadline:
            time.sleep(0.05)

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)

    @property
    def owes(self) -> int:
        return len(self._pending)

    def _live(self) -> None:
        while not self._ended.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=2) as line:
                    self._talk(line)
            except OSError:
                time.sleep(0.02)

    def _talk(self, line: socket.socket) -> None:
        replies = line.makefile("rb")
        while not self._ended.is_set():
            while self.fresh and len(self._pending) < self._chance.randrange(1, 9):
                self._number += 1
                self._pending.append(_frame(self._number))
            if not self._pending:
                time.sleep(0.02)
                continue
            self.sent.update(self._pending)
            line.sendall(b"".join(self._pending))
            for _ in list(self._pending):
                reply = replies.readline()
                if not reply:
                    return
                self._settle(reply[9:26])
            time.sleep(0.01)

    def _settle(self, qn: bytes) -> None:
        done = [one for one in self._pending if one[9:26] == qn]
        self.answered.update(done)
        self._pending = [one for one in self._pending if one not in done]


def _frame(number: int) -> bytes:
    now = datetime.now(tz=BEIJING)
    return encode.frame(
        qn=numbered_qn(number, now), st="31", cn="2011", password="123456", mn=STACK.mn,
        flag=5, cp=f"DataTime={now:%Y%m%d%H%M%S};a21026-Rtd={number % 100}.0,a21026-Flag=N",
    )  # fmt: skip
