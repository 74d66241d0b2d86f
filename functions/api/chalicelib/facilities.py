"""What must run before an outlet: listed, registered, retired."""

from chalice.app import Blueprint
from chalicelib.answers import page
from chalicelib.asking import (
    asker_of,
    body_of,
    device_of,
    idempotency_key_of,
    now,
    query_of,
    reason_of,
)

from plume.aws import wiring
from plume.model.identity import OutletId
from plume.rules.treatment import RULES
from plume.usecases.command_alarm import Response
from plume.usecases.register_facility import (
    FacilityDesk,
    enter_facility,
    list_facilities,
    require_may_register,
    retire_facility,
)
from plume.wire import endpoints, resource_of
from plume.wire.facility_of import facility_of
from plume.wire.resources import FacilityResource

blueprint = Blueprint(__name__)
_FIELDS = ("rule", "name", "demand", "running")


@blueprint.route(endpoints.FACILITIES.path)
def facilities(outlet_id: str) -> dict[str, object]:
    """List what must run before an outlet."""
    query_of(blueprint, endpoints.FACILITIES)
    asker, key = asker_of(blueprint), OutletId(outlet_id)
    found = list_facilities(asker, key, registry=wiring.registry())
    return page([resource_of.facility(one) for one in found])


@blueprint.route(endpoints.FACILITY_ENTER.path, methods=["POST"])
def enter(outlet_id: str) -> FacilityResource:
    """Register a facility."""
    query_of(blueprint, endpoints.FACILITY_ENTER)
    asker, said, desk = asker_of(blueprint), _said(*_FIELDS), _desk()
    require_may_register(asker)
    facility = facility_of(body_of(blueprint), OutletId(outlet_id), rules=RULES)
    return resource_of.facility(enter_facility(asker, facility, said, desk=desk, now=now()))


@blueprint.route(endpoints.FACILITY_RETIRE.path, methods=["POST"])
def retire(outlet_id: str, facility_id: str) -> FacilityResource:
    """Judge by a facility no more."""
    query_of(blueprint, endpoints.FACILITY_RETIRE)
    asker, where = asker_of(blueprint), (OutletId(outlet_id), facility_id)
    return resource_of.facility(retire_facility(asker, where, _said(), desk=_desk(), now=now()))


def _said(*others: str) -> Response:
    reason = reason_of(blueprint, *others)
    return Response(idempotency_key_of(blueprint), reason, device_of(blueprint))


def _desk() -> FacilityDesk:
    return FacilityDesk(
        wiring.registry(), wiring.alarms(), wiring.audit(), wiring.device_commands()
    )
