"""The boto3 clients, each made when it is first needed: one costs tens of milliseconds."""

from functools import cache
from os import environ
from typing import Any

import boto3
from botocore.config import Config

from plume.wire.names import ENV_IOT_ENDPOINT


@cache
def s3() -> Any:  # noqa: ANN401, boto3 makes its classes at run time
    """Give the client of S3."""
    return boto3.client("s3")


@cache
def s3_signing() -> Any:  # noqa: ANN401, ditto
    """Give the client of S3 that signs addresses: version 4, for the region's own host.

    Only version 4 may show what KMS encrypts, and only the region's own host answers without
    sending the browser elsewhere.
    """
    chosen = {"us_east_1_regional_endpoint": "regional"}
    if not environ.get("AWS_ENDPOINT_URL"):
        chosen["addressing_style"] = "virtual"
    return boto3.client("s3", config=Config(signature_version="s3v4", s3=chosen))


@cache
def sqs() -> Any:  # noqa: ANN401, ditto
    """Give the client of SQS."""
    return boto3.client("sqs")


@cache
def secrets() -> Any:  # noqa: ANN401, ditto
    """Give the client of Secrets Manager."""
    return boto3.client("secretsmanager")


@cache
def iot() -> Any:  # noqa: ANN401, ditto
    """Give the client of the registry of things and certificates."""
    return boto3.client("iot")


@cache
def iot_data() -> Any:  # noqa: ANN401, ditto
    """Give the client that publishes to devices; its endpoint is the account's own."""
    host = environ.get(ENV_IOT_ENDPOINT, "")
    if not host:
        return boto3.client("iot-data")
    return boto3.client("iot-data", endpoint_url=host if "://" in host else f"https://{host}")
