"""The page's files from the web bucket, kept in memory and compressed once."""

import asyncio
import gzip
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import boto3
from aiohttp import web
from botocore.exceptions import ClientError

FRESH_SECONDS = 2.0
FOR_EVER = "public, max-age=31536000, immutable"
EVERY_TIME = "no-cache"
HASHED = "assets/"
"""Files below have their content's hash in their name."""
START = "index.html"
WORTH_COMPRESSING = 1_000
COMPRESSES = (
    "text/",
    "application/javascript",
    "application/json",
    "image/svg",
    "application/geo",
)


@dataclass(frozen=True, slots=True)
class File:
    """One file: its bytes, as they are and compressed if that is shorter."""

    body: bytes
    compressed: bytes
    content_type: str

    @property
    def tag(self) -> str:
        """Its entity tag."""
        return f'"{sha256(self.body).hexdigest()[:32]}"'


class Files(Protocol):
    """Where files come from."""

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and content type; None when there is no such file."""


class Bucket:
    """The web bucket."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._s3: Any = boto3.client("s3")

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and content type; None when there is no such object."""
        try:
            found = self._s3.get_object(Bucket=self._name, Key=key)
        except ClientError as refused:
            if refused.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return None
            raise
        return found["Body"].read(), found["ContentType"]


class Site:
    """Answers what is not API or login."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: dict[str, tuple[float, File | None]] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give the file, or the page for an address that is the page's own."""
        key = request.path.lstrip("/")
        found = await self._file(key) if key else None
        if found is None and _is_file_name(key):
            raise web.HTTPNotFound
        if found is None:
            key, found = START, await self._file(START)
        if found is None:
            raise web.HTTPServiceUnavailable(text="the page has not been built yet")
        return _response(request, key, found)

    async def _file(self, key: str) -> File | None:
        at, file = self._kept.get(key, (0.0, None))
        aged = time.monotonic() - at > FRESH_SECONDS
        if file is None or (aged and not key.startswith(HASHED)):
            file = await asyncio.to_thread(self._load, key)
            if file is not None:
                self._kept[key] = (time.monotonic(), file)
        return file

    def _load(self, key: str) -> File | None:
        found = self._files.get(key)
        if found is None:
            self._kept.pop(key, None)
            return None
        body, content_type = found
        known = self._kept.get(key, (0.0, None))[1]
        if known and known.body == body:
            return known
        return File(body, _compressed(body, content_type), content_type)


def _is_file_name(key: str) -> bool:
    """Tell `assets/a.js` from `gov/home`; an outlet's id has no dot."""
    return "." in key.rsplit("/", 1)[-1]


def _compressed(body: bytes, content_type: str) -> bytes:
    if len(body) < WORTH_COMPRESSING or not content_type.startswith(COMPRESSES):
        return b""
    shorter = gzip.compress(body, 9, mtime=0)
    return shorter if len(shorter) < len(body) else b""


def _response(request: web.Request, key: str, file: File) -> web.Response:
    headers = {
        "Cache-Control": FOR_EVER if key.startswith(HASHED) else EVERY_TIME,
        "ETag": file.tag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("If-None-Match") == file.tag:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = file.content_type
    if file.compressed and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=file.compressed, headers=headers)
    return web.Response(body=file.body, headers=headers)
