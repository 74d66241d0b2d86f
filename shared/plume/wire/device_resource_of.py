"""How a device as it stands becomes JSON (A-10). Times are shown in +08:00, offsets in seconds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from plume.model.command import CommandRecord
from plume.model.device import Device
from plume.model.device_standing import DeviceStanding, LawStanding
from plume.model.event import ClockOffset, GapFill, GapRecord, SourceHealth
from plume.model.identity import EnterpriseId, ThingName
from plume.model.outlet import Name, Outlet
from plume.wire import resource_of
from plume.wire import resources as r

ShownCommand = tuple[CommandRecord, Name, Sequence[str]]


class LastHeard(Protocol):
    """What `plume.ports.latest.Heard` says."""

    @property
    def data_at(self) -> datetime: ...  # noqa: D102
    @property
    def received_at(self) -> datetime: ...  # noqa: D102
    @property
    def delay(self) -> timedelta | None: ...  # noqa: D102


class Logger(Protocol):
    """What `plume.usecases.show_devices.ShownLogger` says."""

    @property
    def outlet(self) -> Outlet: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def heard(self) -> LastHeard | None: ...  # noqa: D102


class Shown(Protocol):
    """What `plume.usecases.show_devices.ShownDevice` says."""

    @property
    def thing(self) -> ThingName: ...  # noqa: D102
    @property
    def enterprise(self) -> EnterpriseId: ...  # noqa: D102
    @property
    def enterprise_name(self) -> Name: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def standing(self) -> DeviceStanding: ...  # noqa: D102
    @property
    def loggers(self) -> Sequence[Logger]: ...  # noqa: D102
    @property
    def device(self) -> Device | None: ...  # noqa: D102


def device(shown: Shown) -> r.DeviceResource:
    """Write a device as a list shows it."""
    standing = shown.standing
    heard = standing.heard
    edge = standing.clock_of("edge")
    return {
        "thing": shown.thing,
        "enterpriseId": shown.enterprise,
        "enterpriseName": resource_of.name(shown.enterprise_name),
        "state": str(shown.state),
        "lastReceivedAt": _time(heard.received_at if heard else None),
        "lastDataAt": _time(heard.last_at if heard else None),
        "edgeClock": clock(edge) if edge else None,
        "gaps": len(standing.gaps),
        "troubled": sum(one.state.value != "ok" for one in standing.sources),
        "loggers": [logger(one, standing) for one in shown.loggers],
    }


def logger(shown: Logger, standing: DeviceStanding) -> r.LoggerResource:
    """Write one outlet's data logger: who it is, when it was heard, how its clock goes."""
    outlet, heard = shown.outlet, shown.heard
    offset = standing.clock_of(outlet.id)
    return {
        "outletId": outlet.id,
        "name": resource_of.name(outlet.name),
        "region": outlet.region,
        "mn": outlet.mn,
        "st": outlet.st,
        "factors": [resource_of.factor(code) for code in outlet.factors],
        "state": str(shown.state),
        "lastDataAt": _time(heard.data_at if heard else None),
        "lastReceivedAt": _time(heard.received_at if heard else None),
        "delay": None if heard is None or heard.delay is None else _seconds(heard.delay),
        "gaps": standing.gaps_of(outlet.id),
        "clock": clock(offset) if offset else None,
        "law": law(standing.law_of(outlet.id)),
        "sources": [source(one) for one in standing.sources if one.outlet == outlet.id],
    }


def device_detail(shown: Shown, *, commands: Sequence[ShownCommand]) -> r.DeviceDetailResource:
    """Write everything known of a device; its key and fingerprint stay inside."""
    standing, fact = shown.standing, shown.device
    heard = standing.heard
    return {
        **device(shown),
        "serial": fact.serial if fact else "",
        "provisionedAt": _time(fact.provisioned_at if fact else None),
        "sequence": heard.sequence if heard else None,
        "boots": [
            {"bootId": boot.id, "firstAt": resource_of.time(boot.first_at)}
            for boot in standing.boots
        ],
        "clocks": [clock(one) for one in standing.clocks],
        "sources": [source(one) for one in standing.sources],
        "gapRecords": [gap(one) for one in standing.gaps],
        "fills": [fill(one) for one in standing.fills],
        "commands": [
            resource_of.command(record, outlet_name=name, moves=moves)
            for record, name, moves in commands
        ],
    }


def law(standing: LawStanding) -> r.LawResource:
    """Write by which law an outlet is judged on site, and by which it should be."""
    return {
        "registered": standing.version,
        "held": standing.held,
        "heldAt": _time(standing.held_at),
    }


def clock(offset: ClockOffset) -> r.ClockResource:
    """Write one measured offset."""
    return {
        "at": resource_of.time(offset.at),
        "subject": offset.subject,
        "reference": offset.reference,
        "offset": _seconds(offset.offset),
        "samples": offset.samples,
        "jumped": offset.jumped,
    }


def source(health: SourceHealth) -> r.SourceResource:
    """Write how one source is."""
    return {
        "at": resource_of.time(health.at),
        "source": health.source,
        "kind": health.kind,
        "state": health.state.value,
        "detail": health.detail,
        "facts": health.facts or {},
        "outletId": health.outlet,
    }


def gap(record: GapRecord) -> r.GapResource:
    """Write what was given up."""
    return {
        "at": resource_of.time(record.at),
        "class": record.klass,
        "loss": record.loss.value,
        "firstAt": resource_of.time(record.first_at),
        "lastAt": resource_of.time(record.last_at),
        "count": record.count,
        "reason": record.reason,
    }


def fill(told: GapFill) -> r.FillResource:
    """Write what was missing and what became of it."""
    return {
        "at": resource_of.time(told.at),
        "outletId": told.outlet,
        "cn": told.cn,
        "firstAt": resource_of.time(told.first_at),
        "lastAt": resource_of.time(told.last_at),
        "missing": told.missing,
        "filled": told.filled,
        "state": told.state.value,
        "detail": told.detail,
    }


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)


def _time(at: datetime | None) -> str | None:
    return None if at is None else resource_of.time(at)
