"""The app deploys where it says: the synthesis itself checks each region's resource types."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.headers import content_security_policy

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]
Synth = Callable[[str], Mapping[str, Mapping[str, Any]]]

EVERYWHERE = {"Data", "Series", "Judge", "Ingest", "Edge", "Command", "Api", "Web"}
CORES = {"global", "prod", "cn-north-1"}
"""Where Greengrass brings the edge components: Ningxia and the local AWS have none."""
CHINA = ("cn-north-1", "cn-northwest-1")
LOCALLY_UNKNOWN = (
    "AWS::Timestream::InfluxDBCluster",
    "AWS::IoT::RoleAlias",
    "AWS::IoT::Logging",
    "AWS::EC2::VPC",
    "Custom::CDKBucketDeployment",
)


@pytest.mark.parametrize("target", ["global", "prod", *CHINA, "local"])
def test_the_app_is_made_of_these_stacks(target: str, synth: Synth) -> None:
    expected = EVERYWHERE if target in CHINA else EVERYWHERE | {"Identity"}
    expected = expected | {"EdgeComponents"} if target in CORES else expected
    assert set(synth(target)) == {f"Plume-{name}" for name in expected}


@pytest.mark.parametrize("target", ["global", *CHINA])
def test_no_template_names_a_partition(target: str, synth: Synth) -> None:
    assert "arn:aws:" not in json.dumps(synth(target))


def test_no_code_names_a_partition() -> None:
    literal = "arn:" + "aws"
    folders = [Path(__file__).parents[2] / name for name in ("infra", "functions", "shared/plume")]
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        assert literal not in path.read_text("utf-8"), path


@pytest.mark.parametrize("target", CHINA)
def test_china_lacks_nothing_it_is_asked_for(target: str, resources: Resources) -> None:
    absent = ("Cognito::UserPool", "CloudFront::OriginAccessControl", "CloudFront::Function")
    assert not [kind for kind in absent if resources(target, f"AWS::{kind}")]
    assert len(resources(target, "AWS::CloudFront::CloudFrontOriginAccessIdentity")) == 1
    (web,) = resources(target, "AWS::CloudFront::Distribution").values()
    certificate = web["DistributionConfig"]["ViewerCertificate"]
    assert certificate["IamCertificateId"] == "ASCAEXAMPLE"
    assert web["DistributionConfig"]["Aliases"] == ["plume.example.cn"]
    for name, made in resources(target, "AWS::Lambda::Function").items():
        assert made.get("TracingConfig", {"Mode": "PassThrough"})["Mode"] != "Active", name


@pytest.mark.parametrize("target", CHINA)
def test_china_trusts_the_issuer_it_was_given(target: str, resources: Resources) -> None:
    functions = resources(target, "AWS::Lambda::Function")
    (authorizer,) = (made for name, made in functions.items() if "/Authorize" in name)
    said = authorizer["Environment"]["Variables"]
    assert said["OIDC_ISSUER"] == "https://login.example.cn"
    assert said["OIDC_CLIENT_ID"] == "plume"


@pytest.mark.parametrize(
    ("target", "engine"),
    [
        ("global", "InfluxDBV3Core"),
        ("prod", "InfluxDBV3Enterprise"),
        ("cn-north-1", "InfluxDBV3Enterprise"),
        ("cn-northwest-1", "InfluxDBV3Core"),
    ],
)
def test_curves_live_in_influxdb_3_without_a_public_address(
    target: str, engine: str, resources: Resources
) -> None:
    (cluster,) = resources(target, "AWS::Timestream::InfluxDBCluster").values()
    assert cluster["DbParameterGroupIdentifier"] == engine
    assert cluster["PubliclyAccessible"] is False
    assert not resources(target, "AWS::EC2::InternetGateway")


def test_the_local_app_asks_for_nothing_the_local_aws_lacks(resources: Resources) -> None:
    assert not [kind for kind in LOCALLY_UNKNOWN if resources("local", kind)]
    assert len(resources("local", "AWS::IoT::TopicRule")) == 2


def test_the_api_answers_at_the_routes_of_the_application(resources: Resources) -> None:
    (api,) = resources("cn-north-1", "AWS::ApiGateway::RestApi").values()
    assert api["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    methods = resources("global", "AWS::ApiGateway::Method")
    open_to_all = [
        name for name, method in methods.items() if method["AuthorizationType"] != "CUSTOM"
    ]
    assert len(methods) > len(open_to_all)
    assert all("health" in name or "openapi" in name for name in open_to_all)


def test_people_are_entered_by_administrators_and_passwords_are_long(resources: Resources) -> None:
    (pool,) = resources("prod", "AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["UserPoolAddOns"] == {"AdvancedSecurityMode": "ENFORCED"}
    (client,) = resources("prod", "AWS::Cognito::UserPoolClient").values()
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }


def test_the_page_runs_nothing_inline_and_asks_no_one_else(resources: Resources) -> None:
    (policy,) = resources("global", "AWS::CloudFront::ResponseHeadersPolicy").values()
    security = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    said = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert said == content_security_policy("'self'")
    assert "unsafe" not in said
    assert "script-src 'self';" in said
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
