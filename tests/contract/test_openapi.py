"""The committed description of the API is what the code says; routes and endpoints agree."""

import json
from pathlib import Path

from app import PUBLIC_PATHS, app

from plume.model.permission import Permission
from plume.wire.endpoints import ENDPOINTS
from plume.wire.openapi import document

COMMITTED = Path(__file__).parents[2] / "shared/contract/openapi.json"


def test_the_committed_description_is_the_generated_one() -> None:
    assert json.loads(COMMITTED.read_text("utf-8")) == document(), (
        "python -m plume.wire.openapi_file shared/contract/openapi.json"
    )


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    routes = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert routes == {(one.method, one.path) for one in ENDPOINTS}


def test_only_the_public_paths_are_open() -> None:
    assert {one.path for one in ENDPOINTS if not one.logged_in} == set(PUBLIC_PATHS)
    guarded = [one for one in ENDPOINTS if one.logged_in and one.path != "/me"]
    assert all(isinstance(one.permission, Permission) for one in guarded)


def test_operation_ids_are_unique() -> None:
    assert len({one.name for one in ENDPOINTS}) == len(ENDPOINTS)


def test_every_reference_leads_to_a_schema() -> None:
    text = json.dumps(document())
    schemas = document()["components"]["schemas"]
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named == set(schemas)
    assert all(schema["properties"] for schema in schemas.values())
