"""What the recipes grant is what the code speaks, and what both kinds of nucleus understand."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from awsiot.greengrasscoreipc.model import QOS, PublishToIoTCoreRequest

from edge_greengrass.bundle import COMPONENTS, UNUSED, leave_out, write_artifact
from plume.wire.names import ACK_TOPIC, COMMANDS_TOPIC, MAX_SEGMENT_BYTES, SEGMENTS_TOPIC

EDGE = Path(__file__).parents[2] / "edge_greengrass"
LITE_FRAME_BYTES = 10_000  # Nucleus Lite, GGL_IPC_MAX_MSG_LEN


MAX_RECIPE_BYTES = 16_384  # AWS IoT Greengrass V2 quotas, size of a recipe
PLACEHOLDERS = {"{COMPONENT_VERSION}", "{ARTIFACT_NAME}", "{ARTIFACT_URI}"}
LITE_KNOWS = {"{artifacts:decompressedPath}", "{iot:thingName}"}
"""Of the variables of a recipe, what Nucleus Lite fills in as well (of those used here)."""
TOP_LEVEL = {
    "RecipeFormatVersion",
    "ComponentName",
    "ComponentVersion",
    "ComponentDescription",
    "ComponentPublisher",
    "ComponentConfiguration",
    "ComponentDependencies",
    "ComponentType",
    "Manifests",
}
"""Greengrass V2 recipe reference; anything else is refused, and so is another case."""


IMPORT_ALL = """
import importlib, pkgutil, sys
component, *unused = sys.argv[1:]
sys.modules.update(dict.fromkeys(unused))
package = importlib.import_module(f"edge_greengrass.{component}")
modules = [one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
           if not one.name.endswith("__main__")]
for name in modules:
    importlib.import_module(name)
print(len(modules))
"""


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
    assert set(manifest) == {"Platform", "Lifecycle", "Artifacts"}
    assert manifest["Platform"] == {"os": "linux", "runtime": "*"}
    assert set(manifest["Lifecycle"]) <= {"install", "run"}
    assert all(isinstance(script, str) for script in manifest["Lifecycle"].values())
    text = (EDGE / component / "recipe.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\{[a-zA-Z_:]+\}", text)) <= PLACEHOLDERS | LITE_KNOWS


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_recipe_is_of_the_schema_and_small_enough(component: str) -> None:
    """With its placeholders filled as the deployment fills them, at their longest."""
    text = (EDGE / component / "recipe.yaml").read_text(encoding="utf-8")
    filled = (
        text.replace("{COMPONENT_VERSION}", "0.3.268435455")
        .replace("{ARTIFACT_NAME}", "a" * 64)
        .replace("{ARTIFACT_URI}", f"s3://{'b' * 63}/{'a' * 64}.zip")
    )
    assert len(filled.encode()) <= MAX_RECIPE_BYTES
    found = yaml.safe_load(filled)
    assert set(found) <= TOP_LEVEL
    assert found["RecipeFormatVersion"] == "2020-01-25"
    assert found["ComponentName"] == f"com.plume.{component}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["ComponentVersion"])
    assert set(found["ComponentConfiguration"]) == {"DefaultConfiguration"}
    (artifact,) = found["Manifests"][0]["Artifacts"]
    assert set(artifact) == {"URI", "Unarchive"}
    assert artifact["Unarchive"] == "ZIP"


def test_every_component_with_a_recipe_is_bundled() -> None:
    assert {path.parent.name for path in EDGE.glob("*/recipe.yaml")} == set(COMPONENTS)


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


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_imports_nothing_that_its_artifact_leaves_out(
    component: str, tmp_path: Path
) -> None:
    """Every module of the component is imported with the left-out libraries out of reach."""
    target = tmp_path / "artifact.zip"
    write_artifact(component, target, libraries=tmp_path / "none")
    with ZipFile(target) as artifact:
        artifact.extractall(tmp_path / "site")
    done = subprocess.run(  # noqa: S603, our own interpreter and words
        [sys.executable, "-c", IMPORT_ALL, component, *UNUSED[component]],
        cwd=tmp_path / "site",
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3


def test_what_is_left_out_is_gone_and_the_rest_stays(tmp_path: Path) -> None:
    for name in ("av", "av.libs", "av-1.0.dist-info", "numpy", "awscrt"):
        (tmp_path / name).mkdir()
    (tmp_path / "_awscrt.abi3.so").touch()
    leave_out("uplink", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "_awscrt.abi3.so",
        "awscrt",
        "numpy",
    ]


def test_the_same_code_gives_the_same_artifact(tmp_path: Path) -> None:
    one, two = tmp_path / "1.zip", tmp_path / "2.zip"
    write_artifact("uplink", one, libraries=tmp_path / "none")
    write_artifact("uplink", two, libraries=tmp_path / "none")
    assert one.read_bytes() == two.read_bytes()
