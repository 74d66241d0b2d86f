"""Bundles kept in S3, written once (versioned bucket with Object Lock)."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from plume.aws.clients import s3
from plume.aws.failures import told_as_unavailable
from plume.errors import NotThere
from plume.model.segment import Arrival, SegmentEntry
from plume.wire import bundle

ALREADY_THERE = "PreconditionFailed"
NO_SUCH_OBJECT = frozenset({"NoSuchKey", "404", "NotFound"})


class BundlesBucket:
    """`plume.ports.bundles.Bundles` on S3."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, arrivals: Sequence[Arrival]) -> str:
        """Keep the segments of one batch in one object and give its key.

        The key follows from the content, so an object that is there already is the same one.
        """
        data = bundle.write(arrivals)
        key = bundle.key(data, min(arrival.received_at for arrival in arrivals))
        with told_as_unavailable(f"bundle {key}"):
            try:
                self._write(key, data)
            except ClientError as failure:
                if _code(failure) != ALREADY_THERE:
                    raise
        return key

    def whole(self, key: str) -> Sequence[Arrival]:
        """Give all segments of a bundle, in the order they were put.

        Raises:
            NotThere: no such object.
        """
        return bundle.read(self._read(key))

    def one(self, entry: SegmentEntry) -> bytes:
        """Give one verbatim segment by its byte range."""
        last = entry.offset + entry.length - 1
        return self._read(entry.bundle, Range=f"bytes={entry.offset}-{last}")

    def _write(self, key: str, data: bytes) -> None:
        s3().put_object(
            Bucket=self._bucket,
            Key=key,
            Body=data,
            ChecksumAlgorithm="SHA256",
            ContentType="application/cbor-seq",
            IfNoneMatch="*",
        )

    def _read(self, key: str, **extent: str) -> bytes:
        with told_as_unavailable(f"bundle {key}"):
            try:
                found: Any = s3().get_object(Bucket=self._bucket, Key=key, **extent)
                data: bytes = found["Body"].read()
            except ClientError as failure:
                if _code(failure) not in NO_SUCH_OBJECT:
                    raise
                raise NotThere(f"no bundle {key}") from failure
        return data


def _code(failure: ClientError) -> str:
    return str(failure.response.get("Error", {}).get("Code", ""))
