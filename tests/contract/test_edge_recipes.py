"""What the recipes grant is what the code speaks, and what both kinds of nucleus understand."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from awsiot.greengrasscoreipc.model import QOS, PublishToIoTCoreRequest

from edge_greengrass.bundle import COMPONENTS, write_artifact
from plume.wire.names import ACK_TOPIC, COMMANDS_TOPIC, MAX_SEGMENT_BYTES, SEGMENTS_TOPIC

EDGE = Path(__file__).parents[2] / "edge_greengrass"
LITE_FRAME_BYTES = 10_000  # Nucleus Lite, GGL_IPC_MAX_MSG_LEN


def recipe(component: str) -> dict:
    return yaml.safe_load((EDGE / component / "recipe.yaml").read_text(encoding="utf-8"))


def test_the_uplink_may_use_its_own_topics_and_no_other() -> None:
    granted = recipe("uplink")["ComponentConfiguration"]["DefaultConfiguration"]["accessControl"]
    policies = granted["aws.greengrass.ipc.mqttproxy"].values()
    assert [(one["operations"], one["resources"]) for one in policies] == [
        (
            ["aws.greengrass#PublishToIoTCore"],
            [SEGMENTS_TOPIC.format(thing="{iot:thingName}")],
        ),
        (
            ["aws.greengrass#SubscribeToIoTCore"],
            [topic.format(thing="{iot:thingName}") for topic in (ACK_TOPIC, COMMANDS_TOPIC)],
        ),
    ]


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_recipe_asks_only_for_what_nucleus_lite_has(component: str) -> None:
    (manifest,) = recipe(component)["Manifests"]
    assert manifest["Platform"] == {"os": "linux", "runtime": "*"}
    assert set(manifest["Lifecycle"]) <= {"install", "run"}


def test_a_full_segment_fits_into_one_frame_of_nucleus_lite() -> None:
    request = PublishToIoTCoreRequest(
        topic_name=SEGMENTS_TOPIC.format(thing="t" * 128),
        qos=QOS.AT_LEAST_ONCE,
        payload=bytes(MAX_SEGMENT_BYTES),
    )
    written = json.dumps(request._to_payload(), default=lambda raw: b64encode(raw).decode())
    assert len(written) < LITE_FRAME_BYTES - 500  # headers of the event stream


@pytest.mark.parametrize("component", COMPONENTS)
def test_an_artifact_holds_all_that_its_component_imports(component: str, tmp_path: Path) -> None:
    target = tmp_path / "artifact.zip"
    write_artifact(component, target, libraries=tmp_path / "none")
    with ZipFile(target) as artifact:
        artifact.extractall(tmp_path / "site")
    done = subprocess.run(  # noqa: S603, our own interpreter and words
        [sys.executable, "-m", f"edge_greengrass.{component}", "--config", "/nowhere"],
        cwd=tmp_path / "site",
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)["event"] == "bad_settings", done.stderr


def test_the_same_code_gives_the_same_artifact(tmp_path: Path) -> None:
    one, two = tmp_path / "1.zip", tmp_path / "2.zip"
    write_artifact("uplink", one, libraries=tmp_path / "none")
    write_artifact("uplink", two, libraries=tmp_path / "none")
    assert one.read_bytes() == two.read_bytes()
