"""The audit trail."""

from datetime import timedelta

from chalice.app import Blueprint
from chalicelib.answers import cursor, page, position
from chalicelib.asking import asker_of, query_of, range_of

from plume.aws import wiring
from plume.usecases.read_audit import AuditQuestion, read_audit
from plume.wire import endpoints, resource_of

blueprint = Blueprint(__name__)

USUAL, LONGEST = timedelta(days=7), timedelta(days=366)


@blueprint.route(endpoints.AUDIT.path)
def audit() -> dict[str, object]:
    """List what was done, newest first."""
    query, asker = query_of(blueprint, endpoints.AUDIT), asker_of(blueprint)
    since, until = range_of(query, usual=USUAL, longest=LONGEST)
    asked = AuditQuestion(
        since, until, query["act"] or "", query["actor"] or "", query["subject"] or ""
    )
    part = (query["limit"], position(query["cursor"]))
    found = read_audit(asker, asked, part=part, audit=wiring.audit())
    return page([resource_of.audit(one) for one in found.items], cursor(found.cursor))
