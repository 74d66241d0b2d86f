"""Every answer is what the committed description says, to the last field."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.component.api_world import OWN, PEOPLE, Caller, MemoryWorld, calling
from tests.component.test_api import HOURS
from tests.integration.given import reading

DESCRIPTION = json.loads(
    (Path(__file__).parents[2] / "shared/contract/openapi.json").read_text("utf-8")
)
PLACES = {
    "alarm_id": f"AL-{OWN}",
    "camera_id": f"{OWN}-cam1",
    "command_id": f"CM-{OWN}",
    "enterprise_id": "north",
    "media_id": f"M-{OWN}",
    "outlet_id": OWN,
    "thing": f"edge-{OWN}",
}
QUERIES = {"/outlets/{outlet_id}/readings": HOURS}
ASKED = sorted(
    path
    for path, methods in DESCRIPTION["paths"].items()
    if "application/json"
    in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    and path not in {"/openapi.json", "/outlets/{outlet_id}/series"}
)
_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "boolean": bool,
    "integer": int, "number": (int, float), "null": type(None),
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Give where a value departs from its schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return faults(value, DESCRIPTION["components"]["schemas"][name], at)
    if "anyOf" in schema:
        return (
            [] if any(not faults(value, one, at) for one in schema["anyOf"]) else [f"{at}: none"]
        )
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    kinds = schema.get("type", [])
    allowed = [_KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    if allowed and not any(_is(value, kind) for kind in allowed):
        return [f"{at}: {value!r} is no {kinds}"]
    return [*_within_object(value, schema, at), *_within_list(value, schema, at)]


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)


def _within_object(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    found = [f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value]
    if schema.get("additionalProperties") is False:
        found += [f"{at}.{name}: not described" for name in value if name not in known]
    for name, one in value.items():
        found += faults(one, known[name], f"{at}.{name}") if name in known else []
    return found


def _within_list(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    if not isinstance(value, list) or "items" not in schema:
        return []
    return [fault for one in value for fault in faults(one, schema["items"], f"{at}[]")]


def test_a_departure_is_seen() -> None:
    """The negative control."""
    name = {"$ref": "#/components/schemas/Name"}
    assert faults({"zh": "中", "en": "en"}, name) == []
    assert faults({"zh": 1, "more": ""}, name) == [
        ".en: missing", ".more: not described", ".zh: 1 is no string"
    ]  # fmt: skip


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_fits_its_description(world: MemoryWorld, path: str) -> None:
    world.readings.add([reading()])
    role = "audit_admin" if path == "/audit" else "city_centre"
    asker = next(who for kind, who in PEOPLE.items() if kind.value == role)
    with calling(asker) as caller:
        _look(caller, path)
        answer = caller.get(path.format(**PLACES) + "?" + QUERIES.get(path, ""))
    assert answer.status_code == 200, answer.body
    content = DESCRIPTION["paths"][path]["get"]["responses"]["200"]["content"]
    assert faults(answer.json_body, content["application/json"]["schema"]) == []


def _look(caller: Caller, path: str) -> None:
    """Leave something in the audit trail to be shown."""
    if path == "/audit":
        caller.get("/audit")


@pytest.mark.parametrize(
    "path", ["/outlets/nowhere", f"/outlets/{OWN}/readings", "/alarms?colour=red", "/audit"]
)
def test_a_problem_fits_its_description(centre: Caller, path: str) -> None:
    answer = centre.get(path)
    assert answer.status_code in {400, 403, 404}
    assert faults(answer.json_body, {"$ref": "#/components/schemas/Problem"}) == []
