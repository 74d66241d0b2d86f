"""Every function is made the one way."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from infra.plume_function import USE_KEY
from plume.wire import names
from plume.wire.tables import TABLES

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]

FUNCTIONS = {
    "IngestSegments",
    "WriteSeries",
    "JudgeWindow",
    "RaiseAlarm",
    "SendCommands",
    "Api",
    "Authorize",
    "ProvisionDevice",
    "WatchPresence",
    "JudgeBelated",
    "MakePlatformKey",
}
ASKED_DIRECTLY = {"Api", "Authorize", "ProvisionDevice", "MakePlatformKey"}
"""Their callers wait for the answer: API Gateway, IoT Core, CloudFormation."""
IN_THE_NETWORK = {"WriteSeries", "JudgeWindow", "Api"}
NO_RESOURCE_LEVEL = ("ec2:", "xray:")


@pytest.fixture
def functions(resources: Resources) -> dict[str, Mapping[str, Any]]:
    found = resources("global", "AWS::Lambda::Function")
    return {name_of(key): made for key, made in found.items() if "CDKBucketDeployment" not in key}


def name_of(key: str) -> str:
    return max((name for name in FUNCTIONS if name in key.split("/")[1]), key=len)


def test_these_functions_exist(functions: dict[str, Mapping[str, Any]]) -> None:
    assert set(functions) == FUNCTIONS


def test_each_runs_python_on_arm_with_a_layer_a_log_and_traces(
    functions: dict[str, Mapping[str, Any]],
) -> None:
    for name, made in functions.items():
        assert made["Runtime"] == "python3.13", name
        assert made["Architectures"] == ["arm64"], name
        assert made["Layers"], name
        assert made["LoggingConfig"]["LogGroup"], name
        assert made["TracingConfig"] == {"Mode": "Active"}, name


def test_each_log_is_encrypted_and_forgotten_in_time(resources: Resources) -> None:
    logs = resources("prod", "AWS::Logs::LogGroup")
    assert len(logs) >= len(FUNCTIONS)
    for name, log in logs.items():
        assert log["RetentionInDays"] >= 180, name  # 网络安全法 art. 21: six months at least
        assert log["KmsKeyId"], name


def test_each_calls_a_person_on_errors_and_throttles(resources: Resources) -> None:
    alarms = resources("global", "AWS::CloudWatch::Alarm").values()
    watched = [
        (name_of(f"x/{dimension['Value']['Ref']}"), alarm["MetricName"])
        for alarm in alarms
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    ]
    assert sorted(watched) == sorted(
        (name, metric) for name in FUNCTIONS for metric in ("Errors", "Throttles")
    )
    assert all(alarm["AlarmActions"] for alarm in alarms)


def test_nothing_a_function_is_given_can_vanish(resources: Resources) -> None:
    queued = resources("global", "AWS::Lambda::EventSourceMapping").values()
    fed = {name_of(f"x/{source['FunctionName']['Ref']}") for source in queued}
    assert fed | ASKED_DIRECTLY == FUNCTIONS
    for source in queued:
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        gathered = source["MaximumBatchingWindowInSeconds"]
        assert gathered >= 1 or source["BatchSize"] <= 10, "Lambda refuses it"
    sweeps = resources("global", "AWS::Lambda::EventInvokeConfig").values()
    assert all(sweep["DestinationConfig"]["OnFailure"] for sweep in sweeps)
    schedules = resources("global", "AWS::Scheduler::Schedule").values()
    assert len(schedules) == len(sweeps)
    for schedule in schedules:
        assert schedule["Target"]["DeadLetterConfig"]
        assert json.loads(schedule["Target"]["Input"]) == {"sweep": True}
    rates = sorted(schedule["ScheduleExpression"] for schedule in schedules)
    assert rates == ["rate(1 minute)", "rate(5 minutes)"]


def test_only_what_writes_or_reads_curves_is_in_the_network(
    functions: dict[str, Mapping[str, Any]],
) -> None:
    assert {name for name, made in functions.items() if "VpcConfig" in made} == IN_THE_NETWORK


def test_the_environment_is_spelled_as_the_adapters_read_it(
    functions: dict[str, Mapping[str, Any]],
) -> None:
    known = {value for key, value in vars(names).items() if key.startswith("ENV_")}
    known |= {names.ENV_TABLE.format(name=spec.name.upper()) for spec in TABLES}
    for name, made in functions.items():
        own = {
            key
            for key in made["Environment"]["Variables"]
            if not key.startswith(("POWERTOOLS_", "AWS_"))
        }
        assert own <= known, name


@pytest.mark.parametrize("target", ["global", "cn-north-1", "local"])
def test_no_role_may_do_anything_it_was_not_given_by_name(
    target: str, resources: Resources
) -> None:
    policies = resources(target, "AWS::IAM::Policy")
    statements = [
        (name, statement)
        for name, policy in policies.items()
        for statement in policy["PolicyDocument"]["Statement"]
        if "CDKBucketDeployment" not in name
    ]
    assert statements
    for name, statement in statements:
        actions = listed(statement["Action"])
        assert not [action for action in actions if "*" in action], name
        if statement["Resource"] == "*":
            assert all(action.startswith(NO_RESOURCE_LEVEL) for action in actions), name


def test_no_function_deletes_from_a_table(resources: Resources) -> None:
    said = json.dumps(resources("global", "AWS::IAM::Policy"))
    assert "dynamodb:PutItem" in said
    assert "dynamodb:DeleteItem" not in said
    assert "s3:DeleteObjectVersion" not in said
    assert USE_KEY


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
