"""kill -9 of the camera component at any moment, before a bucket that refuses and lies.

Oracle: each command ends with one manifest in effect, whose object lies in the bucket with the
very bytes it names and never lay there with others; every piece kept begins with a key frame.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import av
import pytest

from edge_greengrass.camera.piece import piece_at
from edge_greengrass.home import CAMERA, CAMERA_COMMANDS
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.hardware import SEED_VARIABLE
from edge_greengrass.outbox.log import AppendLog
from plume.evidence.payload import decode
from plume.model.command import Command, CommandKind
from plume.model.event import EdgeEvent, MediaManifest, Receipt, ReceiptStage
from plume.model.identity import ThingName
from plume.wire.commands import command_message
from plume.wire.events import event_of
from tests.component.cameras import twin_cameras
from tests.faults.media_bucket import KEYS, NAME, MediaBucket
from tests.faults.patience import wait_for
from tests.faults.soak import times

KILLS = times(10, 2_000)
BREATH = 24
"""Kills in a row before the camera is let film again: the film of before is too old by then for
what is asked of now."""
SEED = "cameras under fault"
EYE = "stack-1-cam1"
ENDS = {ReceiptStage.DONE, ReceiptStage.FAILED, ReceiptStage.REFUSED, ReceiptStage.TIMED_OUT}
# Takes a command for obeyed a moment before its order is kept.
HASTY = """
import asyncio, sys
from edge_greengrass.camera.main import main
from edge_greengrass.camera.obedience import Obedience
obey = Obedience.obey
tasks = []
async def hasty(self, command, now):
    async def later():
        await asyncio.sleep(0.5)
        await obey(self, command, now)
    tasks.append(asyncio.create_task(later()))
Obedience.obey = hasty
sys.exit(main(sys.argv[1:]))
"""
# Makes the product anew after a crash, instead of keeping what was made.
FORGETFUL = """
import sys
from edge_greengrass.camera import main
from edge_greengrass.camera.shelf import Shelf
Shelf.product = lambda self, order: None
sys.exit(main.main(sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the commands."""

    tried: int
    lost: int
    doubled: int
    wrong: int


class Plant:
    """One device with a camera, its program, and who gives it commands."""

    def __init__(self, folder: Path, address: str, bucket: MediaBucket) -> None:
        self.home, self._config = folder / "home", folder / "camera.json"
        self.home.mkdir()
        self.broken = ""
        self._bucket, self._log = bucket, folder / "camera.log"
        self._program: subprocess.Popen[bytes] | None = None
        os.environ[SEED_VARIABLE] = SEED
        self._key = outbox_key(self.home)
        self._commands = AppendLog(self.home / CAMERA_COMMANDS, key=self._key, quota_bytes=1 << 20)
        self.asked: list[str] = []
        camera = {"cameraId": EYE, "outletId": "stack-1", "url": f"rtsp://{address}/cam"}
        chosen = {
            "thing": "edge-1",
            "home": str(self.home),
            "fingerprintSeed": SEED,
            "cameras": [camera],
            "pieceSeconds": 1,
            "lookSeconds": 3600,
            "objectStore": {"mediaBucket": NAME, "region": "r", "s3Endpoint": bucket.url},
        }
        self._config.write_text(json.dumps(chosen), encoding="utf-8")

    def start(self) -> None:
        where = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self._bucket.url + KEYS}
        how = ["-c", self.broken] if self.broken else ["-m", "edge_greengrass.camera"]
        with self._log.open("ab") as log:
            self._program = subprocess.Popen(  # noqa: S603, our own interpreter and words
                [sys.executable, *how, "--config", str(self._config)],
                env={**os.environ, **where},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        assert self._program is not None
        self._program.kill()
        self._program.wait()

    def pieces(self) -> list[Path]:
        return sorted((self.home / "film" / EYE).glob("*.ts"))

    def ask(self, kind: CommandKind) -> str:
        """Give a command: a picture of now, or a clip around the newest piece."""
        now, key = datetime.now(tz=UTC), f"k-{len(self.asked)}"
        arguments: dict[str, object] = {"camera": EYE}
        if kind is CommandKind.CLIP:
            newest = piece_at(self.pieces()[-1])
            assert newest is not None
            end = newest.end + timedelta(seconds=1)
            arguments |= {"start": newest.start.isoformat(), "end": end.isoformat()}
        later = now + timedelta(hours=1)
        command = Command(key, ThingName("edge-1"), kind, now, later, arguments=arguments)
        self._commands.append([command_message(command)])
        self.asked.append(key)
        return key

    def events(self) -> list[EdgeEvent]:
        log = AppendLog(self.home / CAMERA, key=self._key, quota_bytes=1 << 24)
        records = log.read(None, 100_000)
        return [event_of(each) for _, record in records for each in decode(record).events]

    def ended(self) -> bool:
        told = [one for one in self.events() if isinstance(one, Receipt) and one.stage in ENDS]
        return {one.command for one in told} >= set(self.asked)

    def verdict(self, within: float = 60.0) -> Verdict:
        """Wait until every command has ended, and judge."""
        wait_for(self.ended, within)
        told: dict[str, set[MediaManifest]] = defaultdict(set)
        for event in self.events():
            if isinstance(event, MediaManifest):
                told[event.cause].add(event)
        contents = self._bucket.contents
        objects = [one for facts in told.values() for fact in facts for one in fact.objects]
        held = [{sha256(body).hexdigest() for body in contents[one.key]} for one in objects]
        return Verdict(
            tried=len(self.asked),
            lost=len(set(self.asked) - set(told)),
            doubled=sum(len(facts) > 1 for facts in told.values())
            + sum(len(digests) > 1 for digests in held),
            wrong=sum(
                one.sha256 not in digests for one, digests in zip(objects, held, strict=True)
            ),
        )

    def unmade(self) -> list[str]:
        """Say of each command without a manifest what was told of it last."""
        events = self.events()
        made = {one.cause for one in events if isinstance(one, MediaManifest)}
        last = {one.command: one for one in events if isinstance(one, Receipt)}
        return [
            f"{key}: {last[key].stage} {last[key].detail}" if key in last else f"{key}: untold"
            for key in self.asked
            if key not in made
        ]

    def close(self) -> None:
        self.kill()
        self._commands.close()


@pytest.fixture
def bucket() -> Iterator[MediaBucket]:
    made = MediaBucket()
    yield made
    made.close()


@pytest.fixture
def plant(tmp_path: Path, bucket: MediaBucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    monkeypatch.setenv(SEED_VARIABLE, SEED)
    with twin_cameras(tmp_path, {"cam": "stack"}) as address:
        made = Plant(tmp_path, address, bucket)
        made.start()
        assert wait_for(lambda: bool(made.pieces()))
        yield made
        made.close()


def test_every_command_ends_with_one_manifest_of_what_lies_in_the_bucket(
    plant: Plant, bucket: MediaBucket, tell: Callable[[str], None]
) -> None:
    chance, bucket.foul = random.Random(2), True
    for kill in range(KILLS):
        if kill % BREATH == 0:
            newest = plant.pieces()[-1]
            assert wait_for(lambda before=newest: plant.pieces()[-1] > before)
        plant.ask(chance.choice((CommandKind.SNAPSHOT, CommandKind.CLIP)))
        time.sleep(chance.choice((0.1, 0.5, 1.5)) + chance.random() * 0.5)
        plant.kill()
        plant.start()
    bucket.foul = False
    found = plant.verdict(within=60 + KILLS)
    tell(f"camera kills {KILLS}: {found}")
    for line in plant.unmade():
        tell(line)
    assert found == Verdict(tried=KILLS, lost=0, doubled=0, wrong=0)
    for path in plant.pieces():
        with av.open(str(path)) as film:
            assert next(film.demux(video=0)).is_keyframe


def test_the_oracle_catches_a_component_that_lets_go_of_a_command_too_soon(plant: Plant) -> None:
    plant.kill()
    plant.broken = HASTY
    plant.start()
    commands = plant.home / CAMERA_COMMANDS / "cursor"
    before = commands.read_bytes() if commands.exists() else b""
    plant.ask(CommandKind.SNAPSHOT)
    assert wait_for(lambda: commands.exists() and commands.read_bytes() != before)
    plant.kill()
    plant.start()
    assert plant.verdict(within=6).lost == 1


def test_the_oracle_catches_a_component_that_makes_its_product_anew(
    plant: Plant, bucket: MediaBucket
) -> None:
    plant.kill()
    plant.broken = FORGETFUL
    plant.start()
    bucket.mute = True
    plant.ask(CommandKind.SNAPSHOT)
    assert wait_for(lambda: bool(bucket.contents))
    newest = plant.pieces()[-1]
    assert wait_for(lambda: plant.pieces()[-1] > newest), "there is something else to be seen"
    plant.kill()
    bucket.mute = False
    plant.start()
    assert plant.verdict().doubled == 1
