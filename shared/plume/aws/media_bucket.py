"""Objects of media kept in S3, put there by the devices; looked at by presigned paths.

The page has one origin: what S3 signs for its own host is asked for under the same path there,
and CloudFront (locally the web proxy) carries it to the bucket (`infra/web_stack.py`).
"""

from base64 import b64decode
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from plume.aws.clients import s3_signing
from plume.aws.failures import told_as_unavailable
from plume.ports.media import KeptText, SeenObject

SECONDS = 900
"""How long an address shows its object."""
NO_SUCH_OBJECT = frozenset({"NoSuchKey", "404", "NotFound"})
CHUNK = 1 << 20
MOST_TEXT = 1 << 20
CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "mp4": "video/mp4",
    "m4s": "video/iso.segment",
    "ts": "video/mp2t",
    "m3u8": "application/vnd.apple.mpegurl",
}
ANY_BYTES = "application/octet-stream"


class MediaBucket:
    """`plume.ports.media.MediaObjects` on S3."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def seen(self, key: str) -> SeenObject | None:
        """Look at the newest version of an object; None when there is none.

        S3 tells the SHA-256 of an object that came with it as its checksum; else it is read.
        """
        with told_as_unavailable(f"object {key}"):
            head = self._found("head_object", Key=key, ChecksumMode="ENABLED")
            if head is None:
                return None
            version = str(head.get("VersionId") or "")
            told = head.get("ChecksumSHA256", "")
            whole = told and head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
            digest = b64decode(told).hex() if whole else self._digest(key, version)
            return SeenObject(digest, int(head["ContentLength"]), version)

    def address(self, key: str, *, version: str = "") -> str:
        """Give a path on the page's own origin that shows the object for some minutes.

        The content type follows from the name: what a device called its upload is not believed,
        since the page's origin is what shows it.
        """
        kind = CONTENT_TYPES.get(key.rsplit(".", 1)[-1], ANY_BYTES)
        asked = {"Bucket": self._bucket, "Key": key, "ResponseContentType": kind}
        asked |= {"ResponseCacheControl": f"private, max-age={SECONDS}"}
        asked |= {"VersionId": version} if version else {}
        signed = urlsplit(
            s3_signing().generate_presigned_url("get_object", Params=asked, ExpiresIn=SECONDS)
        )
        is_in_host = signed.netloc.startswith(f"{self._bucket}.")
        path = signed.path if is_in_host else signed.path.removeprefix(f"/{self._bucket}")
        return f"{path}?{signed.query}"

    def text(self, key: str) -> KeptText | None:
        """Read a small object of text; None when there is none."""
        with told_as_unavailable(f"object {key}"):
            found = self._found("get_object", Key=key)
            if found is None:
                return None
            body: bytes = found["Body"].read(MOST_TEXT)
            return KeptText(body.decode(errors="replace"), found["LastModified"])

    def _digest(self, key: str, version: str) -> str:
        asked = {"Key": key} | ({"VersionId": version} if version else {})
        found = self._found("get_object", **asked)
        digest = sha256()
        for chunk in found["Body"].iter_chunks(CHUNK) if found else ():
            digest.update(chunk)
        return digest.hexdigest()

    def _found(self, action: str, **asked: str) -> Any:  # noqa: ANN401, boto3's own
        try:
            return getattr(s3_signing(), action)(Bucket=self._bucket, **asked)
        except ClientError as failure:
            if str(failure.response.get("Error", {}).get("Code", "")) not in NO_SUCH_OBJECT:
                raise
            return None
