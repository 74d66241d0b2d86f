"""Outlets registered by a sheet; what reads Excel is loaded when the first sheet comes."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint
from chalicelib.asking import asker_of, body_of, idempotency_key_of, now, query_of

from plume.aws import wiring
from plume.errors import NotThere, Refused
from plume.usecases.onboard_outlets import (
    OnboardWorld,
    check_outlets,
    onboard_outlets,
    require_may_onboard,
)
from plume.wire import endpoints, resource_of
from plume.wire.resources import FileResource, SheetReportResource

if TYPE_CHECKING:
    from plume.model.onboarding import SheetRow
    from plume.usecases.onboard_outlets import SheetReport

blueprint = Blueprint(__name__)

SHEET_NAME = "排口登记.xlsx"
MARKED_NAME = "排口登记-待更正.xlsx"


@blueprint.route(endpoints.ONBOARDING_SHEET.path)
def sheet() -> FileResource:
    """Give an empty sheet."""
    from plume.wire.sheet import template  # noqa: PLC0415, other paths start without Excel

    query_of(blueprint, endpoints.ONBOARDING_SHEET)
    require_may_onboard(asker_of(blueprint))
    return _file(SHEET_NAME, template())


@blueprint.route(endpoints.ONBOARDING_COMMAND.path, methods=["POST"])
def command(command: str) -> SheetReportResource:
    """Check a sheet, or register its outlets."""
    query_of(blueprint, endpoints.ONBOARDING_COMMAND)
    idempotency_key_of(blueprint)
    asker, registry = asker_of(blueprint), wiring.registry()
    require_may_onboard(asker)
    body = body_of(blueprint)
    if command == "check":
        rows = _rows(body)
        return _report(rows, check_outlets(asker, rows, registry=registry), registered=False)
    if command != "register":
        raise NotThere("no such command", zh="没有这个操作", pointer="/path/command")
    rows, skip = _rows(body), body.get("skipFaulty") is True
    world = OnboardWorld(registry, wiring.belated())
    done = onboard_outlets(asker, rows, skip_faulty=skip, world=world, now=now())
    return _report(rows, done, registered=True)


def _rows(body: dict[str, Any]) -> "list[SheetRow]":
    from plume.wire.sheet import BadSheet, rows_of  # noqa: PLC0415, ditto

    try:
        content = b64decode(str(body["content"]), validate=True)
    except (KeyError, ValueError, NotBase64) as fault:
        raise Refused(
            "content must be a file in base64", zh="请选择一个Excel文件", pointer="/content"
        ) from fault
    try:
        return rows_of(content)
    except BadSheet as fault:
        raise Refused(fault.message, zh=fault.zh, pointer="/content") from fault


def _report(
    rows: "list[SheetRow]", report: "SheetReport", *, registered: bool
) -> SheetReportResource:
    from plume.wire.sheet import marked  # noqa: PLC0415, ditto

    faults = report.faults
    faulty = {fault.row for fault in faults}
    to_mend = [row for row in rows if row.number in faulty]
    return {
        "rows": report.rows,
        "registered": registered,
        "outlets": [resource_of.registered_outlet(one) for one in report.sound],
        "faults": [resource_of.sheet_fault(fault) for fault in faults],
        "marked": _file(MARKED_NAME, marked(to_mend, faults)) if faults else None,
    }


def _file(name: str, content: bytes) -> FileResource:
    return {"name": name, "content": b64encode(content).decode()}
