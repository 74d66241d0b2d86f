"""The app, synthesised once for each kind of AWS, with a layer too small to need bundling."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from os import environ
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import build

ROOT = Path(__file__).parents[2]
environ["PATH"] = f"{ROOT / '.venv' / 'bin'}:{environ['PATH']}"

LOGIN = {"issuer": "https://login.example.cn", "jwksUrl": "https://login.example.cn/keys"}
DOMAIN = {"domain": "plume.example.cn", "iamCertificateId": "ASCAEXAMPLE"}
CHINA = {"target": "china", "clientId": "plume", **LOGIN, **DOMAIN}
LOCAL = {"endpoint": "http://127.0.0.1:4566", "seriesUrl": "http://127.0.0.1:8181"}
TARGETS = {
    "global": {"target": "global", "region": "ap-southeast-1"},
    "prod": {"target": "global", "region": "eu-central-1", "stage": "prod"},
    "cn-north-1": {**CHINA, "region": "cn-north-1", "stage": "prod"},
    "cn-northwest-1": {**CHINA, "region": "cn-northwest-1"},
    "local": {"target": "local", **LOCAL},
}

Template = Mapping[str, Any]
Templates = Mapping[str, Template]


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Templates]:
    """Give the templates of a target by stack name."""

    @cache
    def synthesised(target: str) -> Templates:
        out = tmp_path_factory.mktemp(target)
        app(out, TARGETS[target]).synth()
        return templates_in(out)

    return synthesised


@pytest.fixture(scope="session")
def nagged(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Give what cdk-nag finds, as (rule, path)."""
    out = tmp_path_factory.mktemp("nag")
    checked = app(out, TARGETS["prod"])
    Validations.of(checked).add_plugins(AwsSolutionsChecks(checked))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        checked.synth()
    return findings_in(json.loads((out / "validation-report.json").read_text("utf-8")))


def app(out: Path, values: Mapping[str, str]) -> App:
    for folder in ("web", "layer", "edge"):
        (out / folder).mkdir()
        (out / folder / "index.html").write_text("page", "utf-8")
    for recipe in (ROOT / "edge_greengrass").glob("*/recipe.yaml"):
        with ZipFile(out / "edge" / f"{recipe.parent.name}.zip", "w") as artifact:
            artifact.writestr(ZipInfo("component", (1980, 1, 1, 0, 0, 0)), recipe.parent.name)
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    sources = {name: str(out / name) for name in ("web", "layer", "edge")}
    return build(App(outdir=str(out), context={**context, **values, **sources}))


def templates_in(out: Path) -> Templates:
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text("utf-8"))
        for path in out.glob("*.template.json")
    }


def findings_in(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (violation["ruleName"], construct["constructPath"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


@pytest.fixture(scope="session")
def resources(synth: Callable[[str], Templates]) -> Callable[[str, str], dict[str, Template]]:
    """Give the resources of one type in a target, as `stack/logical id` and properties."""

    def of_type(target: str, kind: str) -> dict[str, Template]:
        return {
            f"{stack}/{name}": resource.get("Properties", {})
            for stack, template in synth(target).items()
            for name, resource in template.get("Resources", {}).items()
            if resource["Type"] == kind
        }

    return of_type
