"""What Greengrass brings to the plants, and where there is no Greengrass to bring it."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]
FOLDERS = sorted(
    path.parent.name
    for path in (Path(__file__).parents[2] / "edge_greengrass").glob("*/recipe.yaml")
)
WITH = ("global", "prod", "cn-north-1")
WITHOUT = ("cn-northwest-1", "local")


def joined(value: Any) -> str:
    """Read a text of the template; what only CloudFormation knows stands as it is named."""
    if isinstance(value, str):
        return value
    if "Fn::Sub" in value:
        return str(value["Fn::Sub"])
    if "Fn::Join" in value:
        return "".join(map(joined, value["Fn::Join"][1]))
    return f"<{next(iter(value.values()))}>"


def versions(resources: Resources, target: str) -> dict[str, dict[str, Any]]:
    """Give the recipes by component name."""
    made = resources(target, "AWS::GreengrassV2::ComponentVersion").values()
    recipes = [yaml.safe_load(joined(one["InlineRecipe"])) for one in made]
    return {one["ComponentName"]: one for one in recipes}


@pytest.mark.parametrize("target", WITH)
def test_every_component_with_a_recipe_has_a_version_and_is_deployed_in_it(
    target: str, resources: Resources
) -> None:
    found = versions(resources, target)
    assert sorted(found) == [f"com.plume.{folder}" for folder in FOLDERS]
    (deployment,) = resources(target, "AWS::GreengrassV2::Deployment").values()
    pinned = {name: one["ComponentVersion"] for name, one in deployment["Components"].items()}
    assert pinned == {name: one["ComponentVersion"] for name, one in found.items()}
    assert joined(deployment["TargetArn"]).endswith(":thinggroup/plume-edge")


@pytest.mark.parametrize("target", WITHOUT)
def test_where_there_is_no_greengrass_nothing_asks_for_it(
    target: str, resources: Resources
) -> None:
    assert not resources(target, "AWS::GreengrassV2::ComponentVersion")
    assert not resources(target, "AWS::GreengrassV2::Deployment")
    names = {one["PolicyName"] for one in resources(target, "AWS::IoT::Policy").values()}
    assert "plume-core" not in names


def test_a_recipe_names_an_asset_and_the_folder_it_unfolds_to(resources: Resources) -> None:
    """Greengrass unfolds `<name>.zip` into a folder of that name."""
    for recipe in versions(resources, "global").values():
        (manifest,) = recipe["Manifests"]
        (artifact,) = manifest["Artifacts"]
        uri = re.fullmatch(r"s3://cdk-\S+-assets-\S+/(?P<name>[0-9a-f]{64})\.zip", artifact["URI"])
        assert uri, artifact["URI"]
        folder = f"PYTHONPATH={{artifacts:decompressedPath}}/{uri['name']} "
        assert manifest["Lifecycle"]["run"].startswith(folder)
        assert not re.search(r"\{[A-Z_]+\}", json.dumps(recipe))


def test_devices_may_read_these_artifacts_and_no_other_asset(resources: Resources) -> None:
    policies = resources("global", "AWS::IAM::Policy")
    (policy,) = (made for name, made in policies.items() if "ReadArtifacts" in name)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "s3:GetObject"
    read = {joined(one).rpartition("/")[2] for one in statement["Resource"]}
    named = {
        one["Manifests"][0]["Artifacts"][0]["URI"].rpartition("/")[2]
        for one in versions(resources, "global").values()
    }
    assert read == named


def test_a_component_is_told_its_bucket_and_the_uplink_the_key_under_which_it_seals(
    resources: Resources,
) -> None:
    (deployment,) = resources("global", "AWS::GreengrassV2::Deployment").values()
    told = {
        name.rpartition(".")[2]: joined(one["ConfigurationUpdate"]["Merge"])
        for name, one in deployment["Components"].items()
        if "ConfigurationUpdate" in one
    }
    assert set(told) == {"uplink", "camera"}
    assert "platformKey" in told["uplink"]
    assert "segmentsBucket" in told["uplink"]
    assert "mediaBucket" in told["camera"]


def test_a_rollout_goes_back_on_a_device_that_fails_and_stops_when_many_do(
    resources: Resources,
) -> None:
    (deployment,) = resources("prod", "AWS::GreengrassV2::Deployment").values()
    assert deployment["DeploymentPolicies"]["FailureHandlingPolicy"] == "ROLLBACK"
    (criterion,) = deployment["IotJobConfiguration"]["AbortConfig"]["CriteriaList"]
    assert (criterion["Action"], criterion["ThresholdPercentage"]) == ("CANCEL", 20)


def test_a_core_device_fetches_its_own_deployments_only(resources: Resources) -> None:
    found = resources("global", "AWS::IoT::Policy").values()
    (policy,) = (one["PolicyDocument"] for one in found if one["PolicyName"] == "plume-core")
    own = "${iot:Connection.Thing.ThingName}"
    for statement in policy["Statement"]:
        if statement["Action"].startswith("iot:"):
            assert all(f"$aws/things/{own}/" in joined(one) for one in statement["Resource"])
    (template,) = resources("global", "AWS::IoT::ProvisioningTemplate").values()
    attached = [
        one["Properties"]["PolicyName"]
        for one in json.loads(template["TemplateBody"])["Resources"].values()
        if one["Type"] == "AWS::IoT::Policy"
    ]
    assert attached == ["plume-device", "plume-core"]
