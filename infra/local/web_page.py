"""The page: built when its sources have changed, uploaded when the build has."""

import asyncio
import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.commands import run
from infra.local.fingerprint import fingerprint
from infra.local.local_aws import Aws
from infra.local.settings import REGION, ROOT, Settings
from infra.local.written import write_whole

NPM = ROOT / ".venv" / "bin" / "npm"
FRONTEND = ROOT / "frontend"
BUILT = FRONTEND / "dist"
STAMP = ROOT / "build" / "web.stamp"
UPLOADED = "uploaded.stamp"
SOURCES = ("src", "public", "index.html", "package.json", "vite.config.ts", "tsconfig.json")
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}
ENTRY = "index.html"


async def build(settings: Settings) -> None:
    """Build the page unless the last build is of these sources.

    Raises:
        CommandFailed: the build broke.
    """
    sources = [FRONTEND / name for name in SOURCES]
    wanted = await asyncio.to_thread(fingerprint, *sources, ROOT / "package-lock.json")
    if (BUILT / ENTRY).exists() and STAMP.exists() and STAMP.read_text("utf-8") == wanted:
        return
    npm = [str(NPM), "run", "build", "--workspace", "frontend"]
    await run(npm, settings.logs / "web-build.log", {"NODE_ENV": "production"})
    write_whole(STAMP, wanted)


def upload(settings: Settings, aws: Aws, bucket: str, client_id: str) -> None:
    """Put the build and what it must know into the web bucket; the entry page last."""
    config = _config(client_id)
    stamp = settings.home / UPLOADED
    wanted = fingerprint(BUILT, also=[bucket, config])
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    s3 = aws.client("s3")
    files = {str(path.relative_to(BUILT)): path for path in BUILT.rglob("*") if path.is_file()}
    for key, path in sorted(files.items(), key=lambda item: item[0] == ENTRY):
        _put(s3, bucket, key, path.read_bytes())
    _put(s3, bucket, "config.json", config.encode())
    write_whole(stamp, wanted)


def content_type(key: str) -> str:
    """Give the media type of a file by its name."""
    known: Mapping[str, str] = TYPES
    suffix = Path(key).suffix
    found = known.get(suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def _config(client_id: str) -> str:
    idp = {"url": "/idp/", "clientId": client_id, "region": REGION}
    return json.dumps({"apiUrl": "/api", "idp": idp, "version": "local"})


def _put(s3: Any, bucket: str, key: str, body: bytes) -> None:  # noqa: ANN401, boto3's own
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type(key))
