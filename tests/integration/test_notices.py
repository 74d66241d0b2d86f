"""What is told onward really leaves: queues, topics, metrics, and the wiring that joins them."""

import json
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest

from plume.aws import clients, wiring
from plume.aws.operations_log import OperationsLog
from plume.aws.people_table import PeopleTable
from plume.aws.queues import CommandsQueue, Queue, windows_queue
from plume.errors import Unavailable
from plume.model.command import Command, CommandKind
from plume.model.identity import OutletId, ThingName
from plume.model.window import Cause, WindowTouched
from plume.wire.commands import command_of
from plume.wire.messages import window_of
from tests.integration.given import EIGHT, HOUR
from tests.integration.worlds import aws


@pytest.fixture(autouse=True)
def cloud() -> Iterator[None]:
    caches = (clients.sqs, clients.s3, clients.secrets, wiring.platform_key_pem, wiring.registry)
    for cached in caches:
        cached.cache_clear()
    with aws():
        yield
    for cached in caches:
        cached.cache_clear()


def windows(count: int) -> list[WindowTouched]:
    starts = [EIGHT + timedelta(hours=n) for n in range(count)]
    return [WindowTouched(OutletId("stack"), at, at + HOUR, Cause.READINGS) for at in starts]


def received(url: str) -> list[WindowTouched]:
    found: list[WindowTouched] = []
    while True:
        answer = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        if not messages:
            return found
        found += [window_of(message["Body"]) for message in messages]


def test_every_window_is_told_once_per_call_in_parts_of_ten() -> None:
    url = boto3.client("sqs").create_queue(QueueName="windows")["QueueUrl"]
    windows_queue(url).tell([*windows(23), *windows(3)])
    assert sorted(received(url), key=lambda one: one.start) == windows(23)


def test_a_command_reaches_the_queue_as_a_device_reads_it() -> None:
    url = boto3.client("sqs").create_queue(QueueName="commands")["QueueUrl"]
    until = EIGHT + timedelta(seconds=30)
    command = Command("c1", ThingName("edge-1"), CommandKind.RELOAD, EIGHT, until, arguments={})
    CommandsQueue(url).send(command)
    (message,) = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert command_of(message["Body"].encode()) == command


def test_nothing_to_tell_asks_nothing_of_the_queue() -> None:
    windows_queue("http://nowhere").tell([])


def test_a_queue_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        windows_queue("https://sqs.us-east-1.amazonaws.com/123456789012/none").tell(windows(1))


def test_one_message_that_is_not_taken_fails_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    class HalfDeaf:
        def send_message_batch(self, QueueUrl: str, Entries: list[object]) -> object:  # noqa: N803
            return {"Successful": Entries[1:], "Failed": Entries[:1]}

    monkeypatch.setattr("plume.aws.queues.sqs", HalfDeaf)
    with pytest.raises(Unavailable, match="1 of 2"):
        Queue("u", str).tell(["a", "b"])


def test_operators_are_told_by_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    OperationsLog().refused("edge-1", "unknown device")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    (metric,) = lines[0]["_aws"]["CloudWatchMetrics"]
    assert (metric["Namespace"], metric["Metrics"][0]["Name"]) == ("Plume", "DeviceRefused")


def test_the_wiring_joins_by_the_names_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arn = boto3.client("secretsmanager").create_secret(Name="key", SecretString="PEM")["ARN"]
    monkeypatch.setenv("PLATFORM_KEY_SECRET_ARN", arn)
    monkeypatch.setenv("TABLE_REGISTRY", "registry")
    assert wiring.platform_key_pem() == b"PEM"
    assert list(wiring.registry().regions()) == []
    assert wiring.registry() is wiring.registry()


def test_a_table_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("dynamodb").delete_table(TableName="users")
    with pytest.raises(Unavailable):
        PeopleTable("users").get("someone")
