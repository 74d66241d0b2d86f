"""JSON of the queues and of the acknowledgement: written by one function, read by another."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from plume.errors import Refused
from plume.model.belated import Belated
from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity, Source
from plume.model.identity import FactorCode, OutletId, ThingName
from plume.model.segment import Acknowledgement
from plume.model.window import Cause, WindowTouched
from plume.wire.instants import instant_of


class BadMessage(Refused):
    """The text is not a message of this kind: it will never be one."""


def window_json(window: WindowTouched) -> str:
    """Write a touched window for the queue `windows`."""
    return _compact(
        {
            "outlet": window.outlet,
            "start": _instant(window.start),
            "end": _instant(window.end),
            "cause": window.cause.value,
        }
    )


def window_of(text: str) -> WindowTouched:
    """Read a touched window.

    Raises:
        BadMessage: the text is no such message.
    """
    fields = _object(text)
    try:
        return WindowTouched(
            outlet=OutletId(str(fields["outlet"])),
            start=instant_of(fields["start"]),
            end=instant_of(fields["end"]),
            cause=Cause(fields["cause"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BadMessage(f"no window: {fault!r}") from fault


def finding_json(finding: Finding) -> str:
    """Write a finding for the queue `findings`; numbers are text, so that digits stay."""
    return _compact(
        {
            "rule": {"id": finding.rule.id, "version": finding.rule.version},
            "outlet": finding.outlet,
            "factor": finding.factor,
            "type": finding.type.value,
            "subtype": finding.subtype,
            "severity": finding.severity.value,
            "start": _instant(finding.start),
            "end": _instant(finding.end),
            "broken": finding.broken,
            "knownAt": _instant(finding.known_at),
            "value": _digits(finding.value),
            "limit": _digits(finding.limit),
            "unit": finding.unit,
            "sentence": {"zh": finding.sentence.zh, "en": finding.sentence.en},
            "source": finding.source.value,
        }
    )


def finding_of(text: str) -> Finding:
    """Read a finding.

    Raises:
        BadMessage: the text is no such message.
    """
    fields = _object(text)
    try:
        return _finding(fields)
    except (KeyError, TypeError, ValueError, InvalidOperation) as fault:
        raise BadMessage(f"no finding: {fault!r}") from fault


def belated_json(due: Belated) -> str:
    """Write what is to be judged again, for the queue `belated`."""
    return _compact(
        {
            "outlet": due.outlet,
            "askedAt": _instant(due.asked_at),
            "since": _instant(due.since),
            "until": _instant(due.until),
        }
    )


def belated_of(text: str) -> Belated:
    """Read what is to be judged again.

    Raises:
        BadMessage: the text is no such message.
    """
    fields = _object(text)
    try:
        return Belated(
            outlet=OutletId(str(fields["outlet"])),
            asked_at=instant_of(fields["askedAt"]),
            since=instant_of(fields["since"]),
            until=instant_of(fields["until"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BadMessage(f"nothing belated: {fault!r}") from fault


@dataclass(frozen=True, slots=True)
class Displacement:
    """A device lost its connection to another one under its name."""

    thing: ThingName
    at: datetime


def displacement_of(text: str) -> Displacement:
    """Read what the rule `PRESENCE_SQL` puts into the queue.

    Raises:
        BadMessage: the text is no such message.
    """
    fields = _object(text)
    try:
        at = datetime.fromtimestamp(int(fields["ts"]) / 1000, UTC)
        return Displacement(ThingName(str(fields["thing"])), at)
    except (KeyError, TypeError, ValueError, OverflowError) as fault:
        raise BadMessage(f"no displacement: {fault!r}") from fault


def ack_json(told: Acknowledgement) -> bytes:
    """Write what a device may forget: all up to a sequence, and the ranges above it."""
    above = {"above": [list(each) for each in told.above]} if told.above else {}
    return _compact({"sequence": told.sequence, **above}).encode()


def ack_of(payload: bytes) -> Acknowledgement:
    """Read what a device may forget.

    Raises:
        BadMessage: the bytes are no acknowledgement.
    """
    fields = _object(payload)
    try:
        above = tuple((_number_of(a), _number_of(b)) for a, b in fields.get("above", ()))
        return Acknowledgement(_number_of(fields.get("sequence")), above)
    except (TypeError, ValueError) as fault:
        raise BadMessage(f"no acknowledgement: {fault}") from fault


def _number_of(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"sequence {value!r}")
    return value


def _finding(fields: dict[str, Any]) -> Finding:
    return Finding(
        rule=RuleVersion(str(fields["rule"]["id"]), int(fields["rule"]["version"])),
        outlet=OutletId(str(fields["outlet"])),
        factor=FactorCode(str(fields["factor"])),
        type=AlarmType(fields["type"]),
        subtype=str(fields["subtype"]),
        severity=Severity(fields["severity"]),
        start=instant_of(fields["start"]),
        end=instant_of(fields["end"]),
        broken=_truth(fields["broken"]),
        known_at=instant_of(fields["knownAt"]),
        value=_number(fields["value"]),
        limit=_number(fields["limit"]),
        unit=str(fields["unit"]),
        sentence=Sentence(zh=str(fields["sentence"]["zh"]), en=str(fields["sentence"]["en"])),
        source=Source(fields.get("source", Source.CLOUD)),
    )


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadMessage(f"not JSON: {fault}") from fault
    if not isinstance(fields, dict):
        raise BadMessage(f"not an object: {type(fields).__name__}")
    return fields


def _compact(fields: dict[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
