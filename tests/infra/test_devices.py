"""What a device may do: as itself, for itself."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from infra.device_policy import own_objects
from plume.wire import names

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]
Statement = Mapping[str, Any]

THING = "${iot:Connection.Thing.ThingName}"


def statements(resources: Resources, target: str, policy: str) -> dict[str, Statement]:
    found = resources(target, "AWS::IoT::Policy").values()
    (document,) = (p["PolicyDocument"] for p in found if p["PolicyName"] == policy)
    return {statement["Action"]: statement for statement in document["Statement"]}


def tails(statement: Statement) -> list[str]:
    """Give what follows the account in each ARN."""
    return [resource["Fn::Join"][1][-1].lstrip(":") for resource in statement["Resource"]]


@pytest.mark.parametrize("target", ["global", "cn-northwest-1", "local"])
def test_a_device_speaks_only_for_its_own_thing(target: str, resources: Resources) -> None:
    may = statements(resources, target, names.DEVICE_POLICY)
    assert tails(may["iot:Connect"]) == [f"client/{THING}"]
    assert may["iot:Connect"]["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    assert tails(may["iot:Publish"]) == [f"topic/$aws/rules/plume_segments/{THING}/segments"]
    told = [f"plume/{THING}/ack", f"plume/{THING}/commands"]
    assert tails(may["iot:Subscribe"]) == [f"topicfilter/{topic}" for topic in told]
    assert tails(may["iot:Receive"]) == [f"topic/{topic}" for topic in told]
    assert tails(may["iot:AssumeRoleWithCertificate"]) == ["rolealias/plume-edge"]
    assert "*" not in json.dumps(may)


def test_a_claim_may_only_ask_to_become_a_device(resources: Resources) -> None:
    may = statements(resources, "global", names.CLAIM_POLICY)
    asked = [
        "topic/$aws/certificates/create/json",
        "topic/$aws/certificates/create-from-csr/json",
        "topic/$aws/provisioning-templates/plume-device/provision/json",
    ]
    assert tails(may["iot:Publish"]) == asked
    answered = [f"{topic}/{answer}" for topic in asked for answer in ("accepted", "rejected")]
    assert tails(may["iot:Receive"]) == answered
    assert tails(may["iot:Subscribe"]) == [
        topic.replace("topic/", "topicfilter/", 1) for topic in answered
    ]
    assert set(may) == {"iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive"}


def test_the_hook_is_asked_before_a_thing_is_made(resources: Resources) -> None:
    (template,) = resources("global", "AWS::IoT::ProvisioningTemplate").values()
    assert template["PreProvisioningHook"]["PayloadVersion"] == "2020-04-01"
    body = json.loads(template["TemplateBody"])
    assert {"SerialNumber", "Fingerprint", "SigningKey"} < set(body["Parameters"])
    assert body["Resources"]["policy"]["Properties"] == {"PolicyName": names.DEVICE_POLICY}
    thing = body["Resources"]["thing"]["Properties"]
    assert thing["ThingName"] == {"Fn::Join": ["", ["edge-", {"Ref": "SerialNumber"}]]}


def test_a_segment_goes_to_the_queue_and_what_fails_beside_it(resources: Resources) -> None:
    rules = resources("global", "AWS::IoT::TopicRule").values()
    (rule,) = (one for one in rules if one["RuleName"] == names.SEGMENTS_RULE)
    payload = rule["TopicRulePayload"]
    assert payload["Sql"] == names.SEGMENTS_SQL
    (action,) = payload["Actions"]
    assert action["Sqs"]["QueueUrl"] != payload["ErrorAction"]["Sqs"]["QueueUrl"]


def test_a_device_writes_its_backlog_under_its_own_name_alone(resources: Resources) -> None:
    policies = resources("global", "AWS::IAM::Policy")
    (policy,) = (made for name, made in policies.items() if "TokenExchange" in name)
    said = json.dumps(policy["PolicyDocument"])
    assert "/backlog/${credentials-iot:ThingName}/*" in said
    assert "s3:Get" not in said


@pytest.mark.parametrize("target", ["global", "cn-north-1"])
def test_the_alias_that_devices_name_stands_for_a_role_of_the_provider(
    target: str, resources: Resources
) -> None:
    (alias,) = resources(target, "AWS::IoT::RoleAlias").values()
    assert (alias["RoleAlias"], alias["CredentialDurationSeconds"]) == ("plume-edge", 3600)
    roles = resources(target, "AWS::IAM::Role")
    (role,) = (made for name, made in roles.items() if "TokenExchange" in name)
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "credentials.iot.amazonaws.com"}


def test_a_device_may_put_its_backlog_and_what_its_cameras_saw_and_nothing_else() -> None:
    assert own_objects("edge-1", "arn:aws:s3:::segments", "arn:aws:s3:::media") == [
        "arn:aws:s3:::segments/backlog/edge-1/*",
        "arn:aws:s3:::media/media/edge-1/*",
        "arn:aws:s3:::media/live/edge-1/*/*",
    ]


def test_one_function_alone_speaks_to_devices_for_people_and_for_alarms(
    resources: Resources,
) -> None:
    policies = resources("global", "AWS::IAM::Policy")
    allowed = [name for name, made in policies.items() if "plume/*/commands" in json.dumps(made)]
    assert len(allowed) == 1
    assert "SendCommands" in allowed[0]


def test_the_operators_are_called_to_what_devices_do(resources: Resources) -> None:
    """As `plume.aws.operations_log` counts it, under the service of that name."""
    alarms = resources("global", "AWS::CloudWatch::Alarm").values()
    called = {
        alarm["MetricName"]: alarm["Dimensions"]
        for alarm in alarms
        if alarm["Namespace"] == names.METRICS_NAMESPACE
    }
    assert set(called) >= {
        "DeviceCloned",
        "DeviceContested",
        "SegmentChainBroken",
        "DeviceRefused",
        "MediaAltered",
        "DeviceGaveUp",
    }
    assert all(one == [{"Name": "service", "Value": "plume"}] for one in called.values())
