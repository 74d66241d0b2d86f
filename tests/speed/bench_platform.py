"""The platform as a person starts it: cold, warm, how heavy, how soon a frame is in the API.

And how soon a person sees film, in a real Chromium on that platform (product.md T12).
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.e2e.data_logger import beijing_now, packet, request_number  # noqa: E402, after the path
from tests.e2e.platform_under_test import Platform, until  # noqa: E402, after the path
from tests.e2e.web import filmgoer  # noqa: E402, after the path
from tests.e2e.web.chromium import entered, launched, opened  # noqa: E402, after the path

HOME = ROOT / ".plume-bench"
FRAMES = 40
JUMPS = 5
CLIP_SECONDS = 400
"""How long a clip may take to be kept while the twins tell a day of their past; no figure."""
MN = "010000A8900016F000169DC0"
OUTLET = "bench-gas-1"


@contextmanager
def started() -> Iterator[tuple[Platform, float, int]]:
    """Start the platform; give it, the seconds until ready, and the process id of its head."""
    environment = {**os.environ, "PLUME_HOME": str(HOME), "PLUME_PORT_OFFSET": "2000"}
    began = time.monotonic()
    log = HOME.with_suffix(".log").open("w")
    head = subprocess.Popen(
        [sys.executable, "-m", "infra.local"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    try:
        until(lambda: ready(head), within=600, what=f"ready; see {log.name}")
        yield Platform(HOME / "local.json"), time.monotonic() - began, head.pid
    finally:
        head.send_signal(signal.SIGINT)
        head.wait(timeout=60)


def ready(head: "subprocess.Popen[bytes]") -> bool:
    """Tell whether the platform has described itself as ready."""
    assert head.poll() is None, "the platform ended before it was ready"
    described = HOME / "local.json"
    return described.exists() and bool(json.loads(described.read_text())["ready"])


def resident_gigabytes(root: int) -> float:
    """Sum the proportional memory of a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    family, found = [root], []
    while family:
        found.append(family.pop())
        family += children.get(found[-1], [])
    return sum(proportional_kilobytes(pid) for pid in found) / 1e6


def proportional_kilobytes(pid: int) -> int:
    """Read the proportional set size of one process; 0 when it has gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def seconds_to_api(platform: Platform) -> list[float]:
    """Send hour frames one by one; give the seconds until each value is in the API."""
    regulator = platform.log_in("city_centre")
    first = beijing_now().replace(minute=0, second=0, microsecond=0) - timedelta(days=30)
    taken = []
    for number in range(FRAMES):
        hour = first + timedelta(hours=number)
        head = f"QN={request_number()};ST=31;CN=2061;PW=123456;MN={MN};Flag=5"
        body = f"DataTime={hour:%Y%m%d%H%M%S};a21026-Avg=12.5,a21026-ZsAvg=13.5,a21026-Flag=N"
        span = {"from": hour.isoformat(), "to": (hour + timedelta(hours=1)).isoformat()}
        path = f"/outlets/{OUTLET}/readings"
        began = time.monotonic()
        with platform.logger_of(OUTLET) as logger:
            logger.ask(packet(f"{head};CP=&&{body}&&"))
        until(lambda p=path, s=span: regulator.items(p, span="hour", **s), within=30, what="value")
        taken.append(time.monotonic() - began)
    return sorted(taken)


def seconds_to_film(platform: Platform) -> tuple[float, float]:
    """Give the seconds until a camera that nobody watched moves, and of the slowest clip jump."""
    clip = filmgoer.recorded_clip(platform, within=CLIP_SECONDS)
    path = f"/gov/monitor/{filmgoer.OUTLET}"
    inside = f"{path}?at={filmgoer.milliseconds(clip['start']) + 8_000}"
    with launched() as browser:
        page = entered(opened(browser).new_page(), platform, "city_centre", path)
        live = filmgoer.call_up(page)
        page.goto(platform.web_url + inside)
        filmgoer.wait_until_shown(page, filmgoer.CLIP, 0)
        jumps = [
            taken
            for _ in range(JUMPS)
            for taken in (
                filmgoer.press_tile(page, clip["mediaId"]),
                filmgoer.press_lane(page),
            )
        ]
    return live, max(jumps)


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Start cold, measure, stop, start warm."""
    rmtree(HOME, ignore_errors=True)
    with started() as (platform, cold, head):
        time.sleep(30)  # the demo load settles
        taken = seconds_to_api(platform)
        memory = resident_gigabytes(head)
        live, jump = seconds_to_film(platform)
    with started() as (_, warm, _head):
        pass
    p50, p95 = taken[len(taken) // 2], taken[int(0.95 * len(taken))]
    return [
        ("run.cold", cold, "s", "<= 300", cold <= 300),
        ("run.warm", warm, "s", "<= 60", warm <= 60),
        ("run.memory", memory, "GB", "<= 6", memory <= 6),
        ("frame_to_api.p50", p50, "s", "", True),
        ("frame_to_api.p95", p95, "s", "<= 5", p95 <= 5),
        ("video.live_start", live, "s", "<= 6", live <= 6),
        ("video.clip_jump.max", jump, "s", "<= 2", jump <= 2),
    ]
