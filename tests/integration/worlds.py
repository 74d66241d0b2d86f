"""The AWS of a test: moto, with the tables of `plume.wire.tables`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import boto3
import pytest
from moto import mock_aws

from plume.wire.tables import TABLES, TableSpec

Port = TypeVar("Port")

BUCKET = "segments"
MEDIA_BUCKET = "media"


def keys(prefix: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": f"{prefix}pk", "KeyType": "HASH"},
        {"AttributeName": f"{prefix}sk", "KeyType": "RANGE"},
    ]


def create_table(spec: TableSpec) -> None:
    prefixes = ["", *(f"{index}_" for index in spec.indexes)]
    names = [f"{prefix}{key}" for prefix in prefixes for key in ("pk", "sk")]
    indexes = [
        {"IndexName": i, "KeySchema": keys(f"{i}_"), "Projection": {"ProjectionType": "ALL"}}
        for i in spec.indexes
    ]
    boto3.client("dynamodb").create_table(
        TableName=spec.name,
        KeySchema=keys(""),
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


@contextmanager
def aws() -> Iterator[None]:
    with mock_aws():
        for spec in TABLES:
            create_table(spec)
        boto3.client("s3").create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        boto3.client("s3").create_bucket(Bucket=MEDIA_BUCKET)
        boto3.client("s3").put_bucket_versioning(
            Bucket=MEDIA_BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        yield


def one_of(
    request: pytest.FixtureRequest, memory: Callable[[], Port], cloud: Callable[[], Port]
) -> Iterator[Port]:
    """Give the port of the world that the parameter names."""
    if request.param == "memory":
        yield memory()
        return
    with aws():
        yield cloud()
