"""Hand a request on, and the answer back, both as streams."""

import json
from io import BytesIO

from aiohttp import ClientError, ClientResponse, ClientSession, web
from multidict import CIMultiDict
from yarl import URL

from infra.problems import PROBLEMS, told

HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
OWN_TO_THE_SERVER = ("access-control-", "x-amz-id-2", "server", "date")
TOO_LARGE = next(one for one in PROBLEMS if one.response == "REQUEST_TOO_LARGE")
CHUNK = 64 << 10
UNAVAILABLE = {
    "type": "about:blank",
    "title": "Service unavailable",
    "titleZh": "服务暂不可用",
    "status": 503,
    "detail": "The local AWS does not answer; try again.",
    "detailZh": "本地服务没有应答，请稍后重试。",
    "pointer": "",
    "traceId": "",
}


async def forward(request: web.Request, session: ClientSession, url: str) -> web.StreamResponse:
    """Ask `url` what the request asks.

    What cannot be asked is a problem: 413 when it is too large, 503 when nobody answers there.
    """
    target = URL(url, encoded=True).with_query(None)
    if query := request.rel_url.raw_query_string:
        target = URL(f"{target}?{query}", encoded=True)
    try:
        async with session.request(
            request.method,
            target,
            headers=_onward(request),
            data=BytesIO(await request.read()) if request.can_read_body else None,
            allow_redirects=False,
        ) as answer:
            return await _hand_back(request, answer)
    except web.HTTPRequestEntityTooLarge:
        return web.Response(
            status=TOO_LARGE.status, text=told(TOO_LARGE), content_type="application/problem+json"
        )
    except (ClientError, TimeoutError):
        return web.Response(
            status=503, body=json.dumps(UNAVAILABLE), content_type="application/problem+json"
        )


def _onward(request: web.Request) -> CIMultiDict[str]:
    headers = CIMultiDict(
        (name, value)
        for name, value in request.headers.items()
        if name.lower() not in HOP_BY_HOP and name.lower() not in {"host", "content-length"}
    )
    headers["X-Forwarded-For"] = request.remote or ""
    headers["X-Forwarded-Proto"] = request.scheme
    return headers


async def _hand_back(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        lower = name.lower()
        if lower not in HOP_BY_HOP and not lower.startswith(OWN_TO_THE_SERVER):
            response.headers.add(name, value)
    await response.prepare(request)
    async for chunk in answer.content.iter_chunked(CHUNK):
        await response.write(chunk)
    await response.write_eof()
    return response
