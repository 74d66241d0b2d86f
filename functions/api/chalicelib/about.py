"""The API about itself: whether it answers, and what may be asked. Open to everyone."""

from chalice.app import Blueprint

from plume.wire import endpoints
from plume.wire.resources import HealthResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.HEALTH.path)
def health() -> HealthResource:
    """Say that the API answers; it asks nothing of any store."""
    return {"status": "ok"}


@blueprint.route(endpoints.OPENAPI.path)
def openapi() -> dict[str, object]:
    """Describe the API in OpenAPI 3.1."""
    from plume.wire.openapi import document  # noqa: PLC0415, rarely asked for

    return document()
