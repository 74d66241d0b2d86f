"""What the local AWS knows of certificates and roles."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.device_policy import own_objects
from infra.local.credentials_server.app import Granted, NotAttached

SESSION_SECONDS = 3600
NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets a device may put objects into."""

    segments: str
    media: str

    def policy(self, thing: str, partition: str) -> str:
        """Give the session policy of one thing: its own prefixes, and the key that encrypts."""
        segments, media = (
            f"arn:{partition}:s3:::{self.segments}",
            f"arn:{partition}:s3:::{self.media}",
        )
        own = own_objects(thing, segments, media)
        key = ["kms:GenerateDataKey", "kms:Decrypt"]
        statements = [
            {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": own},
            {"Effect": "Allow", "Action": key, "Resource": ["*"]},
        ]
        return json.dumps({"Version": "2012-10-17", "Statement": statements})


class LocalIot:
    """Asks the local AWS, whose address and keys are in the environment."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets
        self._iot: Any = boto3.client("iot")
        self._sts: Any = boto3.client("sts")

    def vouch(self, certificate_id: str, thing: str) -> None:
        """Return when the certificate is an active one of the thing."""
        try:
            known = self._iot.describe_certificate(certificateId=certificate_id)
            attached = self._iot.list_thing_principals(thingName=thing)["principals"]
        except ClientError as fault:
            raise NotAttached(f"{thing}: {fault.response['Error']['Code']}") from fault
        described = known["certificateDescription"]
        if described["status"] != "ACTIVE" or described["certificateArn"] not in attached:
            raise NotAttached(f"{thing}: certificate {certificate_id[:8]} is not active for it")

    def grant(self, role_arn: str, thing: str) -> Granted:
        """Take the role under a session policy for this thing alone."""
        partition = role_arn.split(":")[1]
        taken = self._sts.assume_role(
            RoleArn=role_arn,
            RoleSessionName=thing[:NAME_LENGTH],
            Policy=self._buckets.policy(thing, partition),
            DurationSeconds=SESSION_SECONDS,
        )["Credentials"]
        return Granted(
            taken["AccessKeyId"],
            taken["SecretAccessKey"],
            taken["SessionToken"],
            taken["Expiration"],
        )
