"""How the API answers: pages, ETags, and problems (RFC 9457) in both languages."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from chalice.app import ChaliceUnhandledError, Request, Response

from plume.errors import Conflict, Forbidden, LoginTooOld, NotThere, Refused, Unavailable
from plume.wire.resources import ProblemResource

Item = TypeVar("Item")
Headers = dict[str, str | list[str]]

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
PRIVATE = "private, no-cache"
"""May be kept by the asker's own browser, which must ask whether it still holds."""

TITLES = {
    400: ("The request is at fault", "请求有误"),
    403: ("Not permitted", "没有权限"),
    404: ("No such object", "没有找到"),
    405: ("No such method here", "不支持的请求方法"),
    409: ("Someone was faster", "已被他人处理"),
    415: ("Unsupported media type", "不支持的内容类型"),
    500: ("An error of ours", "平台内部错误"),
    503: ("Ask again later", "暂时无法服务, 请稍后再试"),
}


LOGIN_TOO_OLD = "urn:plume:login-too-old"
"""The one type of problem that a page acts upon: it asks for the password again."""


class Surfaced(ChaliceUnhandledError):
    """Carries a failure (its cause) past Chalice, which would answer for it, to the middleware."""


def surfacing(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let every failure of a view reach the middleware."""

    def surfaced(**path: str) -> Any:  # noqa: ANN401, whatever the view answers
        try:
            return view(**path)
        except Exception as failure:
            raise Surfaced from failure

    return surfaced


def answered(request: Request, response: Response) -> Response:
    """Finish an answer: a body as JSON text, with an ETag, or 304 when the asker has it."""
    if response.status_code >= 400:  # noqa: PLR2004, RFC 9110: errors begin here
        return problem(response.status_code, request)
    if isinstance(response.body, str):
        return response
    body = json.dumps(response.body, ensure_ascii=False, separators=(",", ":"))
    tag = f'"{sha256(body.encode()).hexdigest()[:32]}"'
    headers: Headers = {"Content-Type": JSON, "Cache-Control": PRIVATE, "ETag": tag}
    headers |= {"X-Trace-Id": trace_id(request), "Vary": "Authorization"}
    if request.method == "GET" and _has(request.headers.get("If-None-Match", ""), tag):
        return Response(body="", status_code=304, headers=headers)
    return Response(body=body, status_code=response.status_code, headers=headers)


def failed(request: Request, failure: BaseException | None) -> Response:
    """Map a failure: the asker's fault is 4xx, ours 500, the world's 503."""
    for kind, status in _STATUSES:
        if isinstance(failure, kind):
            return problem(status, request, failure if isinstance(failure, Refused) else None)
    return problem(500, request)


_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (NotThere, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Refused, 400),
    (Unavailable, 503),
)


def problem(status: int, request: Request, fault: Refused | None = None) -> Response:
    """Write problem details; what went wrong inside the platform is in the log, by trace id."""
    title, title_zh = TITLES.get(status, TITLES[500])
    body: ProblemResource = {
        "type": LOGIN_TOO_OLD if isinstance(fault, LoginTooOld) else "about:blank",
        "title": title,
        "titleZh": title_zh,
        "status": status,
        "detail": fault.message if fault else title,
        "detailZh": fault.zh if fault else title_zh,
        "pointer": fault.pointer if fault else "",
        "traceId": trace_id(request),
    }
    headers: Headers = {"Content-Type": PROBLEM, "Cache-Control": "no-store"}
    headers |= {"X-Trace-Id": trace_id(request)}
    headers |= {"Retry-After": "5"} if status == 503 else {}  # noqa: PLR2004, RFC 9110
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(body=text, status_code=status, headers=headers)


def trace_id(request: Request) -> str:
    """Give what finds this request in the logs: X-Ray's id, else the gateway's."""
    found = request.headers.get("X-Amzn-Trace-Id") or request.context.get("requestId") or "-"
    return str(found)[:200]


def page(items: Sequence[object], cursor: str | None = None) -> dict[str, object]:
    """Write one page."""
    return {"items": items, "nextCursor": cursor or None}


def cut(
    items: Sequence[Item], key: Callable[[Item], str], query: dict[str, Any]
) -> tuple[Sequence[Item], str]:
    """Cut a page out of a list ordered by `key`; give it and the cursor of the next."""
    after = position(query["cursor"])
    rest = [item for item in items if key(item) > after] if after else items
    found = rest[: query["limit"]]
    return found, cursor(key(found[-1])) if len(found) < len(rest) else ""


def cursor(text: str) -> str:
    """Write a position so that nobody builds on its form; a forged one only moves the page."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(text: str | None) -> str:
    """Read what `cursor` wrote; empty at the beginning.

    Raises:
        Refused: it is none of ours.
    """
    if not text:
        return ""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError as fault:
        raise no_such_cursor() from fault


def instant(query: dict[str, Any], since: datetime, until: datetime) -> datetime | None:
    """Read a cursor that is a time, moved into `[since, until]`; None at the beginning.

    A range that ends now has moved on since the page before, so the cursor may lie outside it.

    Raises:
        Refused: it is none of ours.
    """
    text = position(query["cursor"])
    if not text:
        return None
    try:
        return min(max(datetime.fromisoformat(text), since), until)
    except (ValueError, TypeError) as fault:  # a time without its offset cannot be compared
        raise no_such_cursor() from fault


def no_such_cursor() -> Refused:
    """Say that a cursor is none of ours."""
    return Refused("no such cursor", zh="翻页标记无效", pointer="/query/cursor")


def _has(said: str, tag: str) -> bool:
    """Compare weakly: a proxy that compresses turns a tag into W/"..." (RFC 9110, 13.1.2)."""
    tags = {one.strip().removeprefix("W/") for one in said.split(",")}
    return "*" in tags or tag in tags
