"""The gateway's own refusals, as problem details (RFC 9457) in English and Chinese."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal that never reaches the API function."""

    response: str
    status: int
    title: str
    title_zh: str


PROBLEMS = (
    Problem("UNAUTHORIZED", 401, "Log in first", "请先登录"),
    Problem("ACCESS_DENIED", 403, "This account may not do that", "该账号无权进行此操作"),
    Problem("MISSING_AUTHENTICATION_TOKEN", 404, "There is nothing here", "没有这个地址"),
    Problem("REQUEST_TOO_LARGE", 413, "The request is too large", "请求内容过大"),
    Problem("THROTTLED", 429, "Too many requests, try again shortly", "请求过于频繁，请稍后再试"),
    Problem("AUTHORIZER_FAILURE", 503, "Login cannot be checked now", "暂时无法校验登录状态"),
    Problem("AUTHORIZER_CONFIGURATION_ERROR", 503, "Login cannot be checked", "无法校验登录状态"),
    Problem("INTEGRATION_TIMEOUT", 504, "The answer took too long", "响应超时"),
    Problem("DEFAULT_5XX", 503, "The platform cannot answer now", "平台暂时无法响应"),
)


def template_of(problem: Problem) -> str:
    """Give the body as the gateway's template; it fills in the request's id."""
    return told(problem, trace="$context.requestId")


def told(problem: Problem, *, trace: str = "") -> str:
    """Give the body, with what finds the request in the logs."""
    body = {
        "type": "about:blank",
        "title": problem.title,
        "titleZh": problem.title_zh,
        "status": problem.status,
        "detail": problem.title,
        "detailZh": problem.title_zh,
        "pointer": "",
        "traceId": trace,
    }
    return json.dumps(body, ensure_ascii=False)
