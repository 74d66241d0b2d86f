"""The local web proxy carries media to their bucket, as the distribution does in AWS."""

import asyncio
from io import BytesIO

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from infra.local.web_proxy.app import application


class NoFiles:
    def get(self, key: str) -> tuple[bytes, str] | None:
        return None


async def _bucket(request: web.Request) -> web.Response:
    said = f"{request.method} {request.raw_path} {request.headers.get('Range', '')}"
    return web.Response(text=said, status=206, headers={"Content-Range": "bytes 0-1/9"})


async def _asked(path: str) -> tuple[int, str, str]:
    upstream = web.Application()
    upstream.router.add_route("*", "/{path:.*}", _bucket)
    async with TestServer(upstream) as bucket:
        media = str(bucket.make_url("/plume-media"))
        app = application(api=media, login=media, media=media, files=NoFiles())
        async with TestClient(TestServer(app)) as client:
            answer = await client.get(URL(path, encoded=True), headers={"Range": "bytes=0-1"})
            return answer.status, await answer.text(), answer.headers["Content-Security-Policy"]


def test_a_signed_address_reaches_the_bucket_as_it_was_signed() -> None:
    path = "/media/edge-1/a%20b.mp4?X-Amz-Signature=ab%2Fcd&versionId=1"
    status, said, policy = asyncio.run(_asked(path))
    assert status == 206
    assert said == f"GET /plume-media{path} bytes=0-1"
    assert "default-src 'none'" in policy
    assert asyncio.run(_asked("/live/edge-1/cam/1.ts"))[1].startswith("GET /plume-media/live/")


async def _posted(size: int) -> tuple[int, str, dict[str, object]]:
    upstream = web.Application(client_max_size=size + 1)
    upstream.router.add_route("*", "/{path:.*}", _bucket)
    async with TestServer(upstream) as bucket:
        api = str(bucket.make_url("/"))
        app = application(api=api, login=api, media=api, files=NoFiles())
        async with TestClient(TestServer(app)) as client:
            answer = await client.post("/api/alarms", data=BytesIO(b"x" * size))
            told = await answer.json() if answer.status != 206 else {}
            return answer.status, answer.content_type, told


def test_a_body_over_what_the_gateway_takes_is_a_problem_in_both_languages() -> None:
    assert asyncio.run(_posted(10 << 20))[0] == 206
    status, content_type, told = asyncio.run(_posted((10 << 20) + 1))
    assert (status, content_type) == (413, "application/problem+json")
    assert (told["detail"], told["detailZh"]) == ("The request is too large", "请求内容过大")
