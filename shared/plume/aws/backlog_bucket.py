"""The backlog of the devices, in the bucket of segments."""

from typing import Any

from botocore.exceptions import ClientError

from plume.aws.clients import s3
from plume.aws.failures import told_as_unavailable
from plume.errors import NotThere, Refused

NO_SUCH_OBJECT = frozenset({"NoSuchKey", "404", "NotFound"})


class BacklogBucket:
    """`plume.ports.backlog.Backlog` on S3."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def fetch(self, key: str, most: int) -> bytes:
        """Give an object of at most `most` bytes; its size is looked at before its content.

        Raises:
            NotThere: no such object.
            Refused: it is larger.
        """
        with told_as_unavailable(f"backlog {key}"):
            try:
                found: Any = s3().get_object(Bucket=self._bucket, Key=key)
            except ClientError as failure:
                if str(failure.response.get("Error", {}).get("Code", "")) not in NO_SUCH_OBJECT:
                    raise
                raise NotThere(f"no object {key}") from failure
            size = int(found["ContentLength"])
            if size > most:
                found["Body"].close()
                raise Refused(f"{key}: {size} bytes, {most} allowed")
            data: bytes = found["Body"].read()
        return data
