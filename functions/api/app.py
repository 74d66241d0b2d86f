"""Answer the page: scoped reads and commands over one REST API.

Trigger   REST API; every path but `/health` and `/openapi.json` behind the authorizer
Reads     tables registry, latest, readings, segments, alarms, media, devices; both buckets;
          the time-series store
Writes    table alarms (people's acts); table registry (onboarding); table media (late checks);
          tables commands, audit
Emits     queue `commands`
On error  problem details (RFC 9457): the asker's fault 4xx, an error of ours 500, the world's 503
"""

from collections.abc import Callable

from aws_lambda_powertools import Logger
from chalice.app import Chalice, Request, Response
from chalicelib import (
    about,
    alarms,
    auditing,
    cameras,
    commands,
    devices,
    enterprises,
    facilities,
    frames,
    me,
    media,
    onboarding,
    outlets,
    overview,
    regions,
    values,
)
from chalicelib.answers import Surfaced, answered, failed, surfacing, trace_id

from plume.errors import Refused

PUBLIC_PATHS = frozenset({"/health", "/openapi.json"})

app = Chalice(app_name="plume-api", configure_logs=False)
logger = Logger(service="api")

RESOURCES = (
    me,
    regions,
    overview,
    enterprises,
    outlets,
    cameras,
    values,
    frames,
    media,
    alarms,
    commands,
    devices,
    onboarding,
    facilities,
    auditing,
    about,
)
for resource in RESOURCES:
    app.register_blueprint(resource.blueprint)
for methods in app.routes.values():
    for entry in methods.values():
        entry.view_function = surfacing(entry.view_function)


@app.middleware("http")
def answer(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Finish every answer, and map every failure, in this one place."""
    try:
        return answered(request, get_response(request))
    except Surfaced as surfaced:
        failure = surfaced.__cause__
        if not isinstance(failure, Refused):
            logger.exception("RequestFailed", exc_info=failure, trace=trace_id(request))
        return failed(request, failure)
