"""What is kept: tables, bundles, keys."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from plume.wire.tables import TABLES

Resources = Callable[[str, str], dict[str, Mapping[str, Any]]]


def segments(resources: Resources, target: str) -> Mapping[str, Any]:
    buckets = resources(target, "AWS::S3::Bucket")
    (bucket,) = (made for name, made in buckets.items() if "/Segments" in name)
    return bucket


def test_each_table_of_the_contract_exists_with_its_indexes(resources: Resources) -> None:
    tables = resources("global", "AWS::DynamoDB::GlobalTable")
    assert len(tables) == len(TABLES)
    for spec in TABLES:
        table = tables_named(tables, spec.name)
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        indexes = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
        assert indexes == set(spec.indexes)
        for index in table.get("GlobalSecondaryIndexes", []):
            keys = [key["AttributeName"] for key in index["KeySchema"]]
            assert keys == [f"{index['IndexName']}_pk", f"{index['IndexName']}_sk"]


def tables_named(tables: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    (table,) = (made for key, made in tables.items() if f"/{name.capitalize()}Table" in key)
    return table


def test_each_table_is_on_demand_encrypted_and_can_go_back_in_time(resources: Resources) -> None:
    for name, table in resources("prod", "AWS::DynamoDB::GlobalTable").items():
        (replica,) = table["Replicas"]
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert table["SSESpecification"]["SSEType"] == "KMS", name
        assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], name
        assert replica["DeletionProtectionEnabled"] is True, name


@pytest.mark.parametrize(
    ("target", "mode", "days"),
    [
        ("prod", "COMPLIANCE", 5 * 365),
        ("cn-north-1", "COMPLIANCE", 5 * 365),
        ("global", "GOVERNANCE", 1),
    ],
)
def test_a_bundle_cannot_be_deleted_before_its_time(
    target: str, mode: str, days: int, resources: Resources
) -> None:
    bucket = segments(resources, target)
    rule = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (rule["Mode"], rule["Days"]) == (mode, days)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["LoggingConfiguration"]["DestinationBucketName"]


def test_media_are_private_versioned_and_what_was_only_watched_is_gone_after_a_day(
    resources: Resources,
) -> None:
    buckets = resources("global", "AWS::S3::Bucket")
    (bucket,) = (made for name, made in buckets.items() if "/MediaBucket" in name)
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "CorsConfiguration" not in bucket
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    rules = bucket["LifecycleConfiguration"]["Rules"]
    expiring = {
        rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule
    }
    assert expiring == {"live/": 1}


def test_a_new_bundle_and_a_new_backlog_are_told_to_a_queue(resources: Resources) -> None:
    told = segments(resources, "local")["NotificationConfiguration"]["QueueConfigurations"]
    assert {one["Event"] for one in told} == {"s3:ObjectCreated:*"}
    rules = [rule for one in told for rule in one["Filter"]["S3Key"]["Rules"]]
    assert {rule["Name"] for rule in rules} == {"prefix"}
    assert sorted(rule["Value"] for rule in rules) == ["backlog/", "bundles/"]


def test_the_platform_key_is_made_by_the_deployment_and_not_in_a_template(
    resources: Resources,
) -> None:
    (secret,) = resources("global", "AWS::SecretsManager::Secret").values()
    assert "SecretString" not in secret
    assert len(resources("global", "Custom::PlatformKey")) == 1
    (parameter,) = resources("global", "AWS::SSM::Parameter").values()
    assert parameter["Name"] == "/plume/platform-key"
