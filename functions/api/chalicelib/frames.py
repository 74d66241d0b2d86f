"""Verbatim frames, out of the evidence."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint
from chalicelib.answers import cursor, instant, page
from chalicelib.asking import asker_of, now, query_of, range_of

from plume.aws import wiring
from plume.model.identity import OutletId, ThingName
from plume.wire import endpoints, resource_of
from plume.wire.resources import FrameResource

if TYPE_CHECKING:
    from plume.usecases.read_frames import FramePage, FrameWorld, ShownFrame

blueprint = Blueprint(__name__)

USUAL = timedelta(days=1)
LONGEST = timedelta(days=31)
AHEAD = timedelta(minutes=10)
"""An edge clock may run ahead: its newest frames are not to be hidden by that."""


@blueprint.route(endpoints.FRAMES.path)
def outlet_frames(outlet_id: str) -> dict[str, object]:
    """Show the frames of an outlet; what opens them is loaded when the first is asked for."""
    from plume.usecases.read_frames import read_outlet_frames  # noqa: PLC0415, other paths start without COSE

    query, asker = query_of(blueprint, endpoints.FRAMES), asker_of(blueprint)
    asked = {"most": query["limit"], "world": _world()}
    return _page(read_outlet_frames(asker, OutletId(outlet_id), _between(query), **asked))


@blueprint.route(endpoints.DEVICE_FRAMES.path)
def device_frames(thing: str) -> dict[str, object]:
    """Show the frames of a device that belong to none of its outlets."""
    from plume.usecases.read_frames import read_device_frames  # noqa: PLC0415, ditto

    query, asker = query_of(blueprint, endpoints.DEVICE_FRAMES), asker_of(blueprint)
    asked = {"most": query["limit"], "world": _world()}
    return _page(read_device_frames(asker, ThingName(thing), _between(query), **asked))


def _world() -> "FrameWorld":
    from plume.usecases.read_frames import FrameWorld  # noqa: PLC0415, ditto

    return FrameWorld(
        registry=wiring.registry(),
        segments=wiring.segments(),
        bundles=wiring.bundles(),
        platform_key_pem=wiring.platform_key_pem(),
    )


def _between(query: dict[str, Any]) -> tuple[datetime, datetime]:
    """Give the range, up to where the page before ended."""
    asked = query | {"to": query["to"] or now() + AHEAD}
    since, until = range_of(asked, usual=USUAL, longest=LONGEST)
    return since, instant(query, since, until) or until


def _page(found: "FramePage") -> dict[str, object]:
    after = cursor(found.before.isoformat()) if found.before else ""
    return page([_frame(frame) for frame in found.items], after)


def _frame(frame: "ShownFrame") -> FrameResource:
    return {
        "receivedAt": resource_of.time(frame.received_at),
        "thing": frame.thing,
        "mn": frame.mn,
        "raw": resource_of.frame_text(frame.raw),
        "verdict": frame.verdict,
        "warnings": list(frame.warnings),
        "reason": resource_of.name(frame.reason),
        "acknowledged": frame.acknowledged,
    }
