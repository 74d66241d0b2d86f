"""How a fact becomes JSON: one function per resource (DESIGN 7). Times are shown in +08:00."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Literal, Protocol, TypeVar, cast

from plume.model.alarm import Alarm, Transition
from plume.model.audit import AuditEntry
from plume.model.camera import Camera
from plume.model.command import DUAL_CONTROL, MAY_ASK, CommandRecord, CommandStep
from plume.model.event import Receipt
from plume.model.facility import Facility, Signal
from plume.model.finding import Severity
from plume.model.identity import FactorCode
from plume.model.limit import Limit
from plume.model.media import CameraHealth, Media
from plume.model.onboarding import HEADINGS, SECRET, Fault, Registration
from plume.model.outlet import Name, Region
from plume.model.permission import PERMISSIONS
from plume.model.person import Person
from plume.model.pollutant import name_of, pollutant_of
from plume.model.reading import Reading
from plume.model.standing import (
    AlarmCounts,
    Counts,
    EnterpriseStanding,
    OutletStanding,
    OutletState,
    Overview,
)
from plume.wire import resources as r
from plume.wire.command_arguments import SECRET_ARGUMENTS

BEIJING = timezone(timedelta(hours=8))

Code = TypeVar("Code", bound=str)
Kind = Literal["rtd", "minute", "hour", "day"]


class NewestValue(Protocol):
    """What `plume.ports.latest.LatestValue` says."""

    @property
    def factor(self) -> FactorCode: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def received_at(self) -> datetime: ...  # noqa: D102
    @property
    def value(self) -> Decimal | None: ...  # noqa: D102
    @property
    def converted(self) -> Decimal | None: ...  # noqa: D102
    @property
    def flag(self) -> str: ...  # noqa: D102


def time(at: datetime) -> str:
    """Write a time as ISO 8601 with the offset of Beijing."""
    return at.astimezone(BEIJING).isoformat()


def name(both: Name) -> r.NameResource:
    """Write a name in both languages."""
    return {"zh": both.zh, "en": both.en}


def region(fact: Region) -> r.RegionResource:
    """Write a region."""
    return {"code": fact.code, "name": name(fact.name), "parent": fact.parent}


def severities(active: Counts) -> r.SeverityCounts:
    """Write how many alarms there are of each severity."""
    return {
        "L1": active.get(Severity.L1, 0),
        "L2": active.get(Severity.L2, 0),
        "L3": active.get(Severity.L3, 0),
        "L4": active.get(Severity.L4, 0),
        "L5": active.get(Severity.L5, 0),
    }


def enterprise(standing: EnterpriseStanding) -> r.EnterpriseResource:
    """Write an enterprise as it stands."""
    fact = standing.enterprise
    states = [one.state for one in standing.outlets]
    return {
        "enterpriseId": fact.id,
        "name": name(fact.name),
        "region": fact.region,
        "regionName": name(standing.region_name),
        "industry": fact.industry,
        "attention": fact.attention.value,
        "longitude": fact.longitude,
        "latitude": fact.latitude,
        "address": fact.address,
        "outletIds": [one.outlet.id for one in standing.outlets],
        "activeAlarms": severities(standing.active),
        "worst": _worst(standing.active),
        "online": states.count(OutletState.ONLINE),
        "offline": states.count(OutletState.OFFLINE),
        "cameras": sum(one.cameras for one in standing.outlets),
    }


def outlet(standing: OutletStanding) -> r.OutletResource:
    """Write an outlet as it stands; the password of its frames is never told."""
    fact = standing.outlet
    return {
        "outletId": fact.id,
        "enterpriseId": fact.enterprise,
        "enterpriseName": name(standing.enterprise_name),
        "name": name(fact.name),
        "medium": fact.medium.value,
        "region": fact.region,
        "mn": fact.mn,
        "st": fact.st,
        "process": fact.process,
        "serviceLevel": fact.service_level,
        "referenceOxygen": _digits(fact.reference_oxygen),
        "factors": [factor(code) for code in fact.factors],
        "limits": [limit(one) for one in standing.limits],
        "state": standing.state.value,
        "lastDataAt": _time(standing.data_at),
        "lastReceivedAt": _time(standing.received_at),
        "activeAlarms": severities(standing.active),
        "worst": _worst(standing.active),
        "cameras": standing.cameras,
    }


def camera(fact: Camera, health: CameraHealth | None) -> r.CameraResource:
    """Write a camera, and how it is."""
    return {
        "cameraId": fact.id,
        "outletId": fact.outlet,
        "name": name(fact.name),
        "state": health.state.value if health else "unknown",
        "detail": health.detail if health else "",
        "since": _time(health.at) if health else None,
    }


def media(fact: Media) -> r.MediaResource:
    """Write a snapshot or clip."""
    told = fact.manifest
    first = told.objects[0]
    return {
        "mediaId": told.media,
        "outletId": told.outlet,
        "cameraId": told.camera,
        "kind": told.kind.value,
        "start": time(told.start),
        "end": time(told.end),
        "recordedAt": time(told.at),
        "cause": told.cause,
        "complete": told.complete,
        "check": fact.check.value,
        "sha256": first.sha256,
        "bytes": sum(one.bytes for one in told.objects),
        "pieces": len(told.objects),
        "form": "playlist" if first.key.endswith(".m3u8") else "file",
        "thing": fact.thing,
        "sequence": fact.sequence,
    }


def factor(code: FactorCode) -> r.FactorResource:
    """Write a factor; one outside the catalogue is shown by its code."""
    known = pollutant_of(code)
    if known is None:
        return {"code": code, "name": {"zh": code, "en": code}, "unit": ""}
    return {"code": code, "name": name(name_of(code)), "unit": known.unit}


def limit(fact: Limit) -> r.LimitResource:
    """Write a limit."""
    return {
        "limitId": fact.id,
        "factor": fact.factor,
        "ceiling": f"{fact.ceiling:f}",
        "floor": _digits(fact.floor),
        "unit": fact.unit,
        "basis": fact.basis.value,
        "span": fact.span.value,
        "standard": fact.standard,
        "clause": fact.clause,
        "validFrom": time(fact.valid_from),
        "validTo": _time(fact.valid_to),
    }


def latest(fact: NewestValue) -> r.LatestResource:
    """Write one newest value."""
    return {
        "factor": fact.factor,
        "kind": cast("Kind", fact.kind),
        "at": time(fact.at),
        "receivedAt": time(fact.received_at),
        "value": _digits(fact.value),
        "converted": _digits(fact.converted),
        "flag": fact.flag,
        "unit": factor(fact.factor)["unit"],
        "name": factor(fact.factor)["name"],
    }


def reading(fact: Reading) -> r.ReadingResource:
    """Write one official value."""
    return {
        "outletId": fact.outlet,
        "factor": fact.factor,
        "span": fact.span.value,
        "start": time(fact.start),
        "mean": _digits(fact.mean),
        "min": _digits(fact.minimum),
        "max": _digits(fact.maximum),
        "converted": _digits(fact.converted),
        "cumulative": _digits(fact.cumulative),
        "flag": fact.flag,
        "valid": fact.valid,
        "source": fact.source.value,
        "version": fact.version,
        "knownAt": time(fact.known_at),
    }


def alarm(
    fact: Alarm, *, outlet_name: Name, enterprise_name: Name, commands: Sequence[str]
) -> r.AlarmResource:
    """Write one alarm; `commands` are those the asker may give now."""
    return {
        "alarmId": fact.id,
        "outletId": fact.outlet,
        "outletName": name(outlet_name),
        "enterpriseId": fact.enterprise,
        "enterpriseName": name(enterprise_name),
        "region": fact.region,
        "type": fact.type.value,
        "subtype": fact.subtype,
        "factor": fact.factor,
        "factorName": factor(fact.factor)["name"],
        "severity": fact.severity.value,
        "source": fact.source.value,
        "condition": fact.condition.value,
        "handling": fact.handling.value,
        "firstAt": time(fact.first_at),
        "lastAt": time(fact.last_at),
        "raisedAt": time(fact.raised_at),
        "updatedAt": time(fact.updated_at),
        "clearedAt": _time(fact.cleared_at),
        "count": fact.count,
        "value": _digits(fact.value),
        "limit": _digits(fact.limit),
        "unit": fact.unit,
        "rule": {"id": fact.rule.id, "version": fact.rule.version},
        "sentence": {"zh": fact.sentence.zh, "en": fact.sentence.en},
        "history": [transition(step) for step in fact.history],
        "commands": list(commands),
        "version": fact.version,
    }


def transition(step: Transition) -> r.TransitionResource:
    """Write one move of an alarm; address and agent of the person stay inside."""
    return {
        "at": time(step.at),
        "actor": step.actor,
        "role": step.role,
        "command": step.command,
        "before": step.before.value,
        "after": step.after.value,
        "reason": step.reason,
    }


def command(fact: CommandRecord, *, outlet_name: Name, moves: Sequence[str]) -> r.CommandResource:
    """Write one command; a password or key that goes down is never shown again."""
    sent, asked = fact.command, fact.history[0]
    return {
        "commandId": fact.id,
        "kind": sent.kind.value,
        "thing": sent.thing,
        "outletId": sent.outlet,
        "outletName": name(outlet_name),
        "enterpriseId": fact.enterprise,
        "region": fact.region,
        "arguments": {k: _shown(k, v) for k, v in (sent.arguments or {}).items()},
        "state": fact.state.value,
        "dualControl": sent.kind in DUAL_CONTROL,
        "askedAt": time(fact.asked_at),
        "askedBy": asked.name,
        "reason": asked.reason,
        "issuedAt": time(sent.issued_at),
        "expiresAt": time(sent.expires_at),
        "updatedAt": time(fact.updated_at),
        "history": [command_step(step) for step in fact.history],
        "receipts": [receipt(one) for one in fact.receipts],
        "moves": list(moves),
        "version": fact.version,
    }


def command_step(step: CommandStep) -> r.CommandStepResource:
    """Write one step of a command; address and agent of the person stay inside."""
    return {
        "at": time(step.at),
        "actor": step.name,
        "role": step.role,
        "move": step.move,
        "before": step.before.value if step.before else None,
        "after": step.after.value if step.after else "",
        "reason": step.reason,
    }


def receipt(fact: Receipt) -> r.ReceiptResource:
    """Write what the device said of one stage."""
    return {
        "at": time(fact.at),
        "stage": fact.stage.value,
        "detail": fact.detail,
        "result": fact.result,
    }


def overview(fact: Overview) -> r.OverviewResource:
    """Write the figures of the home page."""
    return {
        "enterprises": fact.enterprises,
        "outlets": sum(fact.states.values()),
        "online": fact.states.get(OutletState.ONLINE, 0),
        "offline": fact.states.get(OutletState.OFFLINE, 0),
        "pending": fact.states.get(OutletState.PENDING, 0),
        "activeAlarms": severities(fact.active),
        "awaitingResponse": fact.awaiting_response,
    }


def alarm_counts(fact: AlarmCounts) -> r.AlarmCountsResource:
    """Write how many alarms there are; the type and the county with most of them first."""
    return {
        "total": sum(sum(counts.values()) for counts in fact.by_type.values()),
        "active": fact.active,
        "awaitingResponse": fact.awaiting_response,
        "byType": [
            {"type": kind.value, "counts": severities(counts)}
            for kind, counts in _most_first(fact.by_type)
        ],
        "byRegion": [
            {"region": code, "name": name(fact.region_names[code]), "counts": severities(counts)}
            for code, counts in _most_first(fact.by_region)
        ],
        "whole": fact.whole,
    }


def _most_first(counted: Mapping[Code, Counts]) -> list[tuple[Code, Counts]]:
    return sorted(counted.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))


def me(person: Person) -> r.MeResource:
    """Write who asks, and what their role may do."""
    return {
        "personId": person.id,
        "username": person.username,
        "name": person.name,
        "role": person.role.value,
        "organisation": person.organisation,
        "regions": list(person.scope.regions),
        "enterprises": list(person.scope.enterprises),
        "permissions": sorted(one.value for one in PERMISSIONS[person.role]),
        "commandKinds": sorted(one.value for one in MAY_ASK.get(person.role, ())),
    }


def registered_outlet(said: Registration) -> r.RegisteredOutletResource:
    """Write what a sound row of a sheet registers."""
    return {
        "row": said.row,
        "outletId": said.outlet.id,
        "name": name(said.outlet.name),
        "enterpriseName": name(said.enterprise.name),
        "mn": said.outlet.mn,
        "thing": said.outlet.thing,
    }


def facility(fact: Facility) -> r.FacilityResource:
    """Write what must run before an outlet."""
    return {
        "facilityId": fact.id,
        "outletId": fact.outlet,
        "rule": fact.rule.id,
        "name": name(fact.name),
        "demand": _signal(fact.demand),
        "running": [_signal(one) for one in fact.running],
    }


def _signal(fact: Signal) -> r.SignalResource:
    return {
        "subject": fact.subject,
        "channel": fact.channel,
        "above": str(fact.above),
        "unit": fact.unit,
    }


def audit(entry: AuditEntry) -> r.AuditResource:
    """Write one act."""
    return {
        "auditId": entry.id,
        "at": time(entry.at),
        "actor": entry.actor,
        "name": entry.name,
        "role": entry.role,
        "act": entry.act,
        "subject": entry.subject,
        "detail": entry.detail,
        "reason": entry.reason,
        "device": entry.device,
    }


def sheet_fault(fault: Fault) -> r.SheetFaultResource:
    """Write what is wrong in one cell of a sheet; a PW or key is not shown again."""
    return {
        "row": fault.row,
        "column": fault.column.value,
        "heading": name(HEADINGS[fault.column]),
        "value": "" if fault.column in SECRET else fault.value,
        "says": name(fault.says),
    }


def frame_text(raw: bytes) -> str:
    """Write a frame as text: UTF-8, else GB 18030 as of 2005, else Latin-1; no byte is lost."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.encode(encoding) == raw:
            return text
    return raw.decode("latin-1")


def _shown(argument: str, value: object) -> object:
    return "******" if argument in SECRET_ARGUMENTS else value


def _worst(active: Counts) -> str | None:
    return next((one.value for one in Severity if active.get(one, 0)), None)


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _time(at: datetime | None) -> str | None:
    return None if at is None else time(at)
