"""The API described in OpenAPI 3.1, generated from the endpoints and the resources' TypedDicts."""

import re
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from plume.wire.endpoints import ENDPOINTS, Endpoint
from plume.wire.parameters import Parameter
from plume.wire.resources import ProblemResource

Json = dict[str, Any]

SCALARS: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    object: {},
}
REFUSALS = {
    "400": "The request is at fault; `pointer` says where.",
    "401": "Log in first.",
    "403": "The role may not do this.",
    "404": "No such object within the scope.",
    "503": "Ask again later.",
}


def document() -> Json:
    """Give the whole description."""
    schemas: Json = {}
    paths: Json = {}
    for endpoint in ENDPOINTS:
        operations = paths.setdefault(endpoint.path, {})
        operations[endpoint.method.lower()] = _operation(endpoint, schemas)
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plume", "version": "1.0.0", "summary": "污染物排放综合监管平台"},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"bearer": bearer},
        },
    }


def _operation(endpoint: Endpoint, schemas: Json) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.says,
        "parameters": [*_path_parameters(endpoint.path), *map(_query, endpoint.parameters)],
        "responses": _responses(endpoint, schemas),
        "security": [{"bearer": []}] if endpoint.logged_in else [],
    }
    if endpoint.permission is not None:
        operation["x-permission"] = endpoint.permission.value
    if endpoint.method == "POST":
        operation |= _command(endpoint.body, schemas)
        operation["parameters"].append(_IDEMPOTENCY_KEY)
    return operation


_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "The same key again is the same command.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}


def _command(body: Any, schemas: Json) -> Json:  # noqa: ANN401, a TypedDict
    content = {"application/json": {"schema": _schema(body, schemas)}}
    return {"requestBody": {"required": bool(body.__required_keys__), "content": content}}


def _path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query(parameter: Parameter) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.says,
        "schema": parameter.schema,
    }
    if parameter.schema["type"] == "array":
        described |= {"style": "form", "explode": False}
    return described


def _responses(endpoint: Endpoint, schemas: Json) -> Json:
    answer = _schema(endpoint.answer, schemas)
    if endpoint.listed:
        answer = _page(answer)
    found: Json = {"200": _content("The answer.", endpoint.kind, answer)}
    if endpoint.method == "GET":
        found["304"] = {"description": "As the ETag in If-None-Match says: nothing new."}
    if not endpoint.logged_in:
        return found
    problem = _schema(ProblemResource, schemas)
    refusals = REFUSALS | ({"409": "Moved on."} if endpoint.method == "POST" else {})
    for status, says in sorted(refusals.items()):
        found[status] = _content(says, "application/problem+json", problem)
    return found


def _content(says: str, kind: str, schema: Json) -> Json:
    return {"description": says, "content": {kind: {"schema": schema}}}


def _page(item: Json) -> Json:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item},
            "nextCursor": {"type": ["string", "null"]},
        },
        "required": ["items", "nextCursor"],
        "additionalProperties": False,
    }


def _schema(kind: Any, schemas: Json) -> Json:  # noqa: ANN401, a type form, which typing has no name for
    if kind in SCALARS:
        return SCALARS[kind]
    if is_typeddict(kind):
        return _reference(kind, schemas)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], schemas)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], schemas)}
    return _union(arguments, schemas) if origin in {Union, types.UnionType} else {"type": "object"}


def _union(kinds: tuple[Any, ...], schemas: Json) -> Json:
    parts = [_schema(kind, schemas) for kind in kinds]
    if all(part.keys() == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _reference(kind: Any, schemas: Json) -> Json:  # noqa: ANN401, a TypedDict
    name = kind.__name__.removesuffix("Resource")
    if name not in schemas:
        schemas[name] = {}
        schemas[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").split("\n")[0],
            "properties": {k: _schema(v, schemas) for k, v in get_type_hints(kind).items()},
            "required": sorted(kind.__required_keys__),
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}
