"""Two lines lead out of the plant: what works is taken, and the data logger notices nothing."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_greengrass.home import CAMERA_WISHES, WAY_OUT
from edge_greengrass.outbox.device_key import SEED_VARIABLE, outbox_key
from edge_greengrass.outbox.log import AppendLog
from plume.model.command import Command, CommandKind
from plume.wire.commands import command_message
from tests.component.cameras import twin_cameras
from tests.faults.cloud import THING
from tests.faults.conftest import Scene
from tests.faults.long_backlog import drained, filled
from tests.faults.network import Network
from tests.faults.object_server import ObjectServer
from tests.faults.patience import wait_for
from tests.faults.site import SEED
from tests.given import STACK

SYSTEM, WIRED, MOBILE = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SETTINGS = {
    "routes": [{"name": "wired", "address": WIRED}, {"name": "4g", "address": MOBILE}],
    "probing": {"seconds": 0.2, "failures": 2, "steady": 1.0},
}
STUBBORN = """
import sys
from edge_greengrass.uplink.main import main
from edge_greengrass.uplink.routes.keeper import RouteKeeper
RouteKeeper._choose = lambda self, now: None
sys.exit(main(sys.argv[1:]))
"""
"""The negative control: an uplink that knows two routes and never leaves the first."""

SILENT = """
import sys
from contextlib import nullcontext
from edge_greengrass.uplink import lasting
from edge_greengrass.uplink.main import main
lasting._offered = lambda path, port: nullcontext()
sys.exit(main(sys.argv[1:]))
"""
"""Another one: an uplink that keeps its routes to itself."""
SEGMENTS = 3_000

Site = tuple[Scene, Network]


@pytest.fixture
def two_lines(scene: Callable[..., Scene]) -> Iterator[Site]:
    here = scene()
    network = Network(here.cloud.broker.port)
    here.site.reconfigure("uplink", port=network.port, **SETTINGS)
    yield here, network
    network.close()


def more_arrives(here: Scene, seconds: float = 30.0) -> bool:
    before = here.cloud.counts["published"]
    return wait_for(lambda: here.cloud.counts["published"] > before + 3, seconds)


def test_the_second_line_is_taken_when_the_first_breaks_and_left_when_it_is_back(
    two_lines: Site,
) -> None:
    here, network = two_lines
    here.begin()
    assert more_arrives(here)
    network.cut_line(WIRED)
    assert more_arrives(here)
    assert '"name": "4g", "works": true, "taken": true' in here.site.log("uplink")
    network.cut_off.clear()
    assert wait_for(lambda: here.site.log("uplink").count('"name": "wired", "works": true') == 1)
    assert more_arrives(here)
    found = here.judged()
    assert found.tried > 20
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)


def test_an_uplink_that_clings_to_its_first_line_is_caught(two_lines: Site) -> None:
    here, network = two_lines
    here.site.broken["uplink"] = STUBBORN
    here.begin()
    assert more_arrives(here)
    network.cut_line(WIRED)
    assert not more_arrives(here, seconds=6.0)


def test_the_word_of_the_proxy_is_private_and_ends_with_the_uplink(two_lines: Site) -> None:
    here, _ = two_lines
    here.site.start("uplink")
    told = here.site.home / WAY_OUT
    assert wait_for(told.exists)
    assert told.stat().st_mode & 0o777 == 0o600
    os.kill(here.site.pid("uplink"), signal.SIGTERM)
    assert wait_for(lambda: not told.exists())


@dataclass(frozen=True)
class Stored:
    """A site with a bucket, and the network to broker, credentials provider and bucket."""

    scene: Scene
    server: ObjectServer
    networks: tuple[Network, Network, Network]
    chosen: dict[str, Any]

    def cut_line(self, address: str) -> None:
        for one in self.networks:
            one.cut_line(address)

    def ask_for_a_picture(self, url: str) -> None:
        """Let the camera component film, and wish for a picture as the sentinel does."""
        camera = {"cameraId": "stack-1-cam1", "outletId": STACK.id, "url": url}
        self.scene.site.add("camera", cameras=[camera], objectStore=self.chosen)
        self.scene.site.start("camera")
        now = datetime.now(tz=UTC)
        wish = Command(
            id="picture",
            thing=THING,
            kind=CommandKind.SNAPSHOT,
            issued_at=now,
            expires_at=now + timedelta(minutes=5),
            arguments={"camera": "stack-1-cam1"},
        )
        key, folder = outbox_key(self.scene.site.home), self.scene.site.home / CAMERA_WISHES
        with closing(AppendLog(folder, key=key, quota_bytes=1 << 20)) as wishes:
            wishes.append([command_message(wish)])

    @property
    def asked(self) -> set[str]:
        """By which lines credentials were asked for."""
        return set(self.networks[1].taken)

    @property
    def took(self) -> set[str]:
        """By which lines the bucket was reached for."""
        return set(self.networks[-1].taken)


@pytest.fixture
def stored(scene: Callable[..., Scene]) -> Iterator[Stored]:
    """A site whose system would send everything by a line that is dead."""
    here = scene()

    def told(key: str, content: bytes) -> None:
        if key.startswith("backlog/"):
            here.cloud.object_put(key, content)

    context = here.authority.server_context()
    server = ObjectServer(context, told, here.authority.open_context())
    ports = (here.cloud.broker.port, server.credentials_port, server.port)
    broker, provider, bucket = networks = tuple(Network(port) for port in ports)
    chosen: dict[str, Any] = {
        **server.settings(str(here.authority.ca_file)),
        "credentialsEndpoint": f"{SYSTEM}:{provider.port}",
        "s3Endpoint": f"https://{SYSTEM}:{bucket.port}",
    }
    here.site.reconfigure("uplink", port=broker.port, objectStore=chosen, **SETTINGS)
    made = Stored(here, server, networks, chosen)
    made.cut_line(SYSTEM)
    yield made
    for one in networks:
        one.close()
    server.close()


def test_objects_leave_by_the_second_line_when_the_first_breaks(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stored.scene
    frames = filled(here, SEGMENTS, monkeypatch)
    stored.server.hold_after(1)
    here.site.start("uplink")
    assert wait_for(lambda: stored.server.objects == 1)
    assert stored.took == {WIRED}
    stored.cut_line(WIRED)
    stored.server.go_on()
    assert wait_for(lambda: MOBILE in stored.took and stored.server.objects > 2)
    assert drained(here, frames, within=120) == (0, 0, 0)


def test_the_oracle_catches_an_uplink_that_keeps_its_routes_to_itself(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stored.scene
    here.site.broken["uplink"] = SILENT
    filled(here, SEGMENTS, monkeypatch)
    here.site.start("uplink")
    assert wait_for(lambda: SYSTEM in stored.asked), "it tried, by the line of the system"
    assert more_arrives(here), "messages know their way"
    assert stored.server.objects == 0


def test_a_picture_leaves_by_the_line_that_the_uplink_has_taken(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SEED_VARIABLE, SEED)
    stored.cut_line(WIRED)
    with twin_cameras(tmp_path, {"cam": "stack"}) as address:
        stored.scene.site.start("uplink")
        stored.ask_for_a_picture(f"rtsp://{address}/cam")
        assert wait_for(lambda: stored.server.objects == 1)
        stored.scene.site.kill("camera")
    assert stored.took == {MOBILE}
    assert MOBILE in stored.asked
