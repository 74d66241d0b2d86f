"""Who asks, and what: read from the request that API Gateway hands over."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from chalice.app import Blueprint, Request

from plume.errors import Forbidden, Refused
from plume.model.identity import EnterpriseId, OutletId, RegionCode
from plume.model.person import Person, Role, Scope
from plume.usecases.audit_viewing import Viewer
from plume.wire.endpoints import Endpoint
from plume.wire.parameters import asked

MOST_KEY_LENGTH = 128
MOST_REASON_LENGTH = 500


def now() -> datetime:
    """Give the time of the request."""
    return datetime.now(tz=UTC)


def request_of(blueprint: Blueprint) -> Request:
    """Give the request at hand."""
    request: Request = blueprint.current_request
    return request


def asker_of(blueprint: Blueprint) -> Person:
    """Give the person the authorizer recognised.

    Raises:
        Forbidden: the authorizer said nothing; the API never guesses who asks.
    """
    context: dict[str, Any] = request_of(blueprint).context.get("authorizer") or {}
    try:
        return _person(context)
    except (KeyError, TypeError, ValueError) as fault:
        raise Forbidden("nobody is logged in", zh="未登录") from fault


def query_of(blueprint: Blueprint, endpoint: Endpoint) -> dict[str, Any]:
    """Read the query by the endpoint's specification.

    Raises:
        Refused: see `plume.wire.parameters.asked`; also a parameter that is said twice.
    """
    query = request_of(blueprint).query_params
    if query is None:
        return asked(endpoint.parameters, None)
    said: dict[str, list[str]] = {name: query.getlist(name) for name in query}
    for name, values in said.items():
        if len(values) > 1:
            pointer = f"/query/{name}"
            raise Refused("a parameter is said twice", zh=f"参数 {name} 重复", pointer=pointer)
    return asked(endpoint.parameters, {name: values[0] for name, values in said.items()})


def range_of(
    query: dict[str, Any], *, usual: timedelta, longest: timedelta
) -> tuple[datetime, datetime]:
    """Give `[from, to)`, by default the usual length up to now.

    Raises:
        Refused: it ends before it begins, or is too long.
    """
    until: datetime = query["to"] or now()
    since: datetime = query["from"] or until - usual
    in_order(since, until)
    if until - since > longest:
        days = longest // timedelta(days=1)
        raise Refused(
            f"from to to must be {days} days at most",
            zh=f"时间范围最长 {days} 天",
            pointer="/query/from",
        )
    return since, until


def in_order(since: datetime, until: datetime) -> None:
    """Look that a range ends after it begins.

    Raises:
        Refused: it does not.
    """
    if since >= until:
        raise Refused("from must be before to", zh="开始时间应早于结束时间", pointer="/query/from")


def idempotency_key_of(blueprint: Blueprint) -> str:
    """Give the key of a command.

    Raises:
        Refused: it is missing or too long.
    """
    key: str = request_of(blueprint).headers.get("Idempotency-Key", "").strip()
    if not 0 < len(key) <= MOST_KEY_LENGTH:
        raise Refused(
            f"Idempotency-Key must have 1 to {MOST_KEY_LENGTH} characters",
            zh=f"请求头 Idempotency-Key 应为 1 到 {MOST_KEY_LENGTH} 个字符",
            pointer="/headers/Idempotency-Key",
        )
    return key


def body_of(blueprint: Blueprint) -> dict[str, Any]:
    """Give what comes with a command; an empty body is an empty object.

    Raises:
        Refused: it is no JSON object.
    """
    text = request_of(blueprint).raw_body
    try:
        body = json.loads(text) if text else {}
    except (ValueError, RecursionError) as fault:
        raise Refused("the body must be a JSON object", zh="请求体应为 JSON 对象") from fault
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object", zh="请求体应为 JSON 对象")
    return body


def reason_of(blueprint: Blueprint, *others: str) -> str:
    """Give the reason that comes with a command, empty when there is none.

    Args:
        blueprint: whose request it is.
        others: what else may come with it.

    Raises:
        Refused: the body is no JSON object of the right kind; the pointer names the field.
    """
    body = body_of(blueprint)
    for name in body.keys() - {"reason", *others}:
        raise Refused("the body has an unknown field", zh="请求体有未知字段", pointer=f"/{name}")
    reason = body.get("reason", "")
    if not isinstance(reason, str) or len(reason) > MOST_REASON_LENGTH:
        raise Refused(
            f"reason must be text of at most {MOST_REASON_LENGTH} characters",
            zh=f"说明应为不超过 {MOST_REASON_LENGTH} 字的文本",
            pointer="/reason",
        )
    return reason


def device_of(blueprint: Blueprint) -> str:
    """Give the address and agent of whoever commands, for the history."""
    identity = request_of(blueprint).context.get("identity") or {}
    return f"{identity.get('sourceIp', '')} {identity.get('userAgent', '')}".strip()[:200]


def viewer_of(blueprint: Blueprint) -> Viewer:
    """Give the person who looks, with what they look from.

    Raises:
        Forbidden: see `asker_of`.
    """
    return Viewer(asker_of(blueprint), device_of(blueprint))


def _person(context: dict[str, Any]) -> Person:
    scope = json.loads(context["scope"])
    logged_in_at = context.get("loggedInAt")
    return Person(
        id=context["personId"],
        username=context["username"],
        name=context["name"],
        role=Role(context["role"]),
        organisation=context.get("organisation", ""),
        scope=Scope(
            regions=tuple(map(RegionCode, scope.get("regions", ()))),
            enterprises=tuple(map(EnterpriseId, scope.get("enterprises", ()))),
            outlets=tuple(map(OutletId, scope.get("outlets", ()))),
        ),
        logged_in_at=datetime.fromisoformat(logged_in_at) if logged_in_at else None,
    )
