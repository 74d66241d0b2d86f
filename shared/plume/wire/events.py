"""Edge events as they travel in a segment: maps of plain CBOR, told apart by `type`.

Times are integer milliseconds since 1970. An event of a type that is not known here stays in its
segment as evidence and is reported, so that an older cloud does not choke on a newer edge.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from plume.errors import Refused
from plume.model.event import (
    ClockOffset,
    EdgeEvent,
    EdgeFinding,
    GapFill,
    GapRecord,
    LawInForce,
    Loss,
    MediaKind,
    MediaManifest,
    MediaObject,
    Receipt,
    ReceiptStage,
    SourceHealth,
    SourceState,
)
from plume.model.identity import OutletId
from plume.wire.messages import finding_json, finding_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MOST_VERSIONS = 1 << 53
"""Beyond this no JSON tells whole numbers apart."""

Fields = Mapping[str, Any]


class BadEvent(Refused):
    """The map is no event of a known type; the message names the field."""


def event_fields(event: EdgeEvent) -> dict[str, object]:
    """Write one event as a map of plain types."""
    return {"type": _TYPES[type(event)], "at": _ms(event.at), **_WRITERS[type(event)](event)}


def event_of(fields: Fields) -> EdgeEvent:
    """Read one event.

    Raises:
        BadEvent: of no known type, or a field is missing or of the wrong kind.
    """
    kind = fields.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadEvent(f"type: {kind!r} is not known")
    try:
        return reader(fields)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, Refused) as fault:
        raise BadEvent(f"{kind}: {type(fault).__name__} {fault}") from fault


def _receipt(event: Receipt) -> dict[str, object]:
    return {
        "command": event.command,
        "stage": event.stage.value,
        "detail": event.detail,
        "result": event.result,
    }


def _receipt_of(fields: Fields) -> Receipt:
    return Receipt(
        at=_at(fields["at"]),
        command=_text(fields["command"]),
        stage=ReceiptStage(fields["stage"]),
        detail=_text(fields["detail"]),
        result=_facts(fields["result"]),
    )


def _clock(event: ClockOffset) -> dict[str, object]:
    return {
        "subject": event.subject,
        "reference": event.reference,
        "offset": event.offset // _MILLISECOND,
        "samples": event.samples,
        "jumped": event.jumped,
    }


def _clock_of(fields: Fields) -> ClockOffset:
    return ClockOffset(
        at=_at(fields["at"]),
        subject=_text(fields["subject"]),
        reference=_text(fields["reference"]),
        offset=_whole(fields["offset"]) * _MILLISECOND,
        samples=_whole(fields["samples"]),
        jumped=bool(fields["jumped"]),
    )


def _health(event: SourceHealth) -> dict[str, object]:
    return {
        "source": event.source,
        "kind": event.kind,
        "state": event.state.value,
        "detail": event.detail,
        "facts": event.facts,
        "outlet": event.outlet,
    }


def _health_of(fields: Fields) -> SourceHealth:
    outlet = fields["outlet"]
    return SourceHealth(
        at=_at(fields["at"]),
        source=_text(fields["source"]),
        kind=_text(fields["kind"]),
        state=SourceState(fields["state"]),
        detail=_text(fields["detail"]),
        facts=_facts(fields["facts"]),
        outlet=None if outlet is None else OutletId(_text(outlet)),
    )


def _finding(event: EdgeFinding) -> dict[str, object]:
    return {"finding": json.loads(finding_json(event.finding))}


def _finding_of(fields: Fields) -> EdgeFinding:
    finding = finding_of(json.dumps(fields["finding"], ensure_ascii=False))
    return EdgeFinding(at=_at(fields["at"]), finding=finding)


def _gap(event: GapRecord) -> dict[str, object]:
    return {
        "class": event.klass,
        "loss": event.loss.value,
        "firstAt": _ms(event.first_at),
        "lastAt": _ms(event.last_at),
        "count": event.count,
        "reason": event.reason,
    }


def _gap_of(fields: Fields) -> GapRecord:
    return GapRecord(
        at=_at(fields["at"]),
        klass=_text(fields["class"]),
        loss=Loss(fields["loss"]),
        first_at=_at(fields["firstAt"]),
        last_at=_at(fields["lastAt"]),
        count=_whole(fields["count"]),
        reason=_text(fields["reason"]),
    )


def _fill(event: GapFill) -> dict[str, object]:
    return {
        "outlet": event.outlet,
        "cn": event.cn,
        "firstAt": _ms(event.first_at),
        "lastAt": _ms(event.last_at),
        "missing": event.missing,
        "filled": event.filled,
        "closed": event.closed,
        "detail": event.detail,
    }


def _fill_of(fields: Fields) -> GapFill:
    return GapFill(
        at=_at(fields["at"]),
        outlet=OutletId(_text(fields["outlet"])),
        cn=_text(fields["cn"]),
        first_at=_at(fields["firstAt"]),
        last_at=_at(fields["lastAt"]),
        missing=_whole(fields["missing"]),
        filled=_whole(fields["filled"]),
        closed=bool(fields["closed"]),
        detail=_text(fields["detail"]),
    )


def _media(event: MediaManifest) -> dict[str, object]:
    return {
        "media": event.media,
        "camera": event.camera,
        "outlet": event.outlet,
        "kind": event.kind.value,
        "start": _ms(event.start),
        "end": _ms(event.end),
        "objects": [[one.key, one.sha256, one.bytes] for one in event.objects],
        "cause": event.cause,
        "complete": event.complete,
    }


def _media_of(fields: Fields) -> MediaManifest:
    return MediaManifest(
        at=_at(fields["at"]),
        media=_text(fields["media"]),
        camera=_text(fields["camera"]),
        outlet=OutletId(_text(fields["outlet"])),
        kind=MediaKind(fields["kind"]),
        start=_at(fields["start"]),
        end=_at(fields["end"]),
        objects=tuple(
            MediaObject(_text(key), _text(digest), _whole(size))
            for key, digest, size in fields["objects"]
        ),
        cause=_text(fields["cause"]),
        complete=bool(fields["complete"]),
    )


def _law(event: LawInForce) -> dict[str, object]:
    return {"outlet": event.outlet, "version": event.version}


def _law_of(fields: Fields) -> LawInForce:
    version = _whole(fields["version"])
    if not 0 <= version <= MOST_VERSIONS:
        raise ValueError(f"version {version}")
    return LawInForce(_at(fields["at"]), OutletId(_text(fields["outlet"])), version)


_TYPES: dict[type, str] = {
    Receipt: "receipt",
    ClockOffset: "clock",
    SourceHealth: "health",
    EdgeFinding: "finding",
    GapRecord: "gap",
    GapFill: "fill",
    MediaManifest: "media",
    LawInForce: "law",
}
_WRITERS: dict[type, Callable[[Any], dict[str, object]]] = {
    Receipt: _receipt,
    ClockOffset: _clock,
    SourceHealth: _health,
    EdgeFinding: _finding,
    GapRecord: _gap,
    GapFill: _fill,
    MediaManifest: _media,
    LawInForce: _law,
}
_READERS: dict[str, Callable[[Fields], EdgeEvent]] = {
    "receipt": _receipt_of,
    "clock": _clock_of,
    "health": _health_of,
    "finding": _finding_of,
    "gap": _gap_of,
    "fill": _fill_of,
    "media": _media_of,
    "law": _law_of,
}


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def _at(value: object) -> datetime:
    return _EPOCH + _whole(value) * _MILLISECOND


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _facts(value: object) -> dict[str, object] | None:
    if value is not None and not isinstance(value, dict):
        raise TypeError(f"{value!r} is no map")
    return value
