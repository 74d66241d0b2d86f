"""What the sentinel must know: the outlets, their limits in force, and what must run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from edge_greengrass.settings import Settings, told_as_bad_settings
from plume.hj212.verdict import Expected
from plume.model.facility import Facility, Signal
from plume.model.identity import EnterpriseId, FactorCode, OutletId, RegionCode, ThingName
from plume.model.limit import Basis, Limit
from plume.model.outlet import Medium, Name, Outlet
from plume.model.reading import Span
from plume.rules.treatment import RULES

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Law:
    """What is judged by: outlets by MN, how their loggers prove themselves, limits, facilities.

    `cameras` are those of each outlet, by id, which film what is found.
    """

    outlets: Mapping[str, Outlet]
    expected: Mapping[str, Expected]
    limits: Mapping[OutletId, Sequence[Limit]]
    facilities: tuple[Facility, ...]
    cameras: Mapping[OutletId, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of the sentinel's settings; `law` alone may change while it runs."""

    home: Path
    law: Law
    log_bytes: int
    sweep_seconds: float
    reload_seconds: float


def configuration(found: Settings) -> Configuration:
    """Read the settings.

    Raises:
        BadSettings: one is missing or malformed; the message names it.
    """
    with told_as_bad_settings("sentinel"):
        return Configuration(
            home=Path(found["home"]),
            law=_law(found),
            log_bytes=int(found.get("logBytes", 16 * MEBIBYTE)),
            sweep_seconds=float(found.get("sweepSeconds", 10)),
            reload_seconds=float(found.get("reloadSeconds", 30)),
        )


def _law(found: Settings) -> Law:
    told = found.get("outlets", [])
    outlets = {str(one["mn"]): _outlet(one, str(found.get("thing", ""))) for one in told}
    if len(outlets) != len(told):
        raise ValueError("outlets: one MN stands twice")
    by_id = {outlet.id: outlet for outlet in outlets.values()}
    limits = [_limit(one) for one in found.get("limits", [])]
    facilities = [_facility(one, by_id) for one in found.get("facilities", [])]
    return Law(
        outlets=MappingProxyType(outlets),
        expected=MappingProxyType({str(one["mn"]): _expected(one) for one in told}),
        limits={key: tuple(one for one in limits if one.outlet == key) for key in by_id},
        facilities=tuple(facilities),
        cameras={OutletId(str(one["outletId"])): _cameras(one) for one in told},
    )


def _outlet(one: Settings, thing: str) -> Outlet:
    oxygen = one.get("referenceOxygen")
    return Outlet(
        id=OutletId(str(one["outletId"])),
        enterprise=EnterpriseId(""),
        name=_name(one.get("name") or {"zh": one["outletId"], "en": one["outletId"]}),
        medium=Medium(one["medium"]),
        region=RegionCode(""),
        mn=str(one["mn"]),
        st=str(one["st"]),
        password=str(one["password"]),
        thing=ThingName(thing),
        factors=(),
        reference_oxygen=None if oxygen is None else Decimal(str(oxygen)),
    )


def _cameras(one: Settings) -> tuple[str, ...]:
    return tuple(str(camera) for camera in one.get("cameras", ()))


def _expected(one: Settings) -> Expected:
    return Expected(str(one["password"]), tuple(bytes.fromhex(key) for key in one.get("keys", ())))


def _limit(one: Settings) -> Limit:
    return Limit(
        id=str(one["limitId"]),
        outlet=OutletId(str(one["outletId"])),
        factor=FactorCode(str(one["factor"])),
        ceiling=Decimal(str(one["ceiling"])),
        unit=str(one["unit"]),
        basis=Basis(one["basis"]),
        span=Span(one["span"]),
        standard=str(one["standard"]),
        clause=str(one["clause"]),
        valid_from=_aware(one["validFrom"]),
        valid_to=_aware(one["validTo"]) if one.get("validTo") else None,
        floor=None if one.get("floor") is None else Decimal(str(one["floor"])),
        version=int(one.get("version", 1)),
    )


def _facility(one: Settings, outlets: Mapping[OutletId, Outlet]) -> Facility:
    outlet = outlets[OutletId(str(one["outletId"]))]
    running = tuple(_signal(each, outlet.id) for each in one["running"])
    if not running:
        raise ValueError(f"facilities: nothing tells that {one['name']} runs")
    rule, demand = RULES[one["rule"]], _signal(one["demand"], outlet.id)
    return Facility(rule, outlet.id, _name(one["name"]), demand, running)


def _signal(one: Settings, outlet: str) -> Signal:
    return Signal(
        subject=str(one.get("subject", outlet)),
        channel=str(one["channel"]),
        above=Decimal(str(one["above"])),
        unit=str(one.get("unit", "")),
    )


def _name(one: Mapping[str, Any]) -> Name:
    return Name(str(one["zh"]), str(one["en"]))


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} names no offset")
    return at
