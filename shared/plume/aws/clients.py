"""The boto3 clients, each made when it is first needed: one costs tens of milliseconds."""

from functools import cache
from os import environ
from typing import Any

import boto3

from plume.wire.names import ENV_IOT_ENDPOINT


@cache
def s3() -> Any:  # noqa: ANN401, boto3 makes its classes at run time
    """Give the client of S3."""
    return boto3.client("s3")


@cache
def sqs() -> Any:  # noqa: ANN401, ditto
    """Give the client of SQS."""
    return boto3.client("sqs")


@cache
def secrets() -> Any:  # noqa: ANN401, ditto
    """Give the client of Secrets Manager."""
    return boto3.client("secretsmanager")


@cache
def iot_data() -> Any:  # noqa: ANN401, ditto
    """Give the client that publishes to devices; its endpoint is the account's own."""
    host = environ.get(ENV_IOT_ENDPOINT, "")
    if not host:
        return boto3.client("iot-data")
    return boto3.client("iot-data", endpoint_url=host if "://" in host else f"https://{host}")
