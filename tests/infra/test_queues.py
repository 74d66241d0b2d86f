"""No message is lost without a person hearing of it."""

from collections.abc import Callable, Mapping
from typing import Any

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]


def logical(key: str) -> str:
    return key.split("/")[1]


def test_each_queue_has_a_dead_queue_after_five_tries_or_is_one(resources: Resources) -> None:
    queues = {logical(key): queue for key, queue in resources("global", "AWS::SQS::Queue").items()}
    alarmed = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in resources("global", "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "QueueName"
    }
    fed = {name for name, queue in queues.items() if "RedrivePolicy" in queue}
    # segments, backlog, bundles, belated, windows, findings, commands, presence
    assert len(fed) == 8
    assert set(queues) - fed == alarmed
    for name in fed:
        redrive = queues[name]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] == 5
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in alarmed


def test_a_message_stays_hidden_while_its_function_may_still_work(resources: Resources) -> None:
    for name, queue in resources("global", "AWS::SQS::Queue").items():
        if "RedrivePolicy" in queue:
            assert queue["VisibilityTimeout"] >= 6 * 30, name  # six times the shortest timeout
            assert queue["MessageRetentionPeriod"] == 14 * 86_400, name


def test_each_queue_is_encrypted_and_asks_for_tls(resources: Resources) -> None:
    for name, queue in resources("global", "AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name
    policies = resources("global", "AWS::SQS::QueuePolicy").values()
    denials = [
        statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    assert len(denials) == len(resources("global", "AWS::SQS::Queue"))
