"""What the sentinel must know: the outlets by its settings, their law by the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from edge_greengrass.settings import Settings, told_as_bad_settings
from plume.hj212.verdict import Expected
from plume.model.facility import Facility
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.limit import Limit
from plume.model.outlet import Medium, Name, Outlet
from plume.model.site_law import SiteLaw

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Law:
    """What is judged by: outlets by MN, how their loggers prove themselves, limits, facilities.

    `cameras` are those of each outlet, by id, which film what is found; `versions` are those of
    the law of each outlet that the platform brought.
    """

    outlets: Mapping[str, Outlet]
    expected: Mapping[str, Expected]
    cameras: Mapping[OutletId, Sequence[str]]
    limits: Mapping[OutletId, Sequence[Limit]] = field(default_factory=dict)
    facilities: tuple[Facility, ...] = ()
    versions: Mapping[OutletId, int] = field(default_factory=dict)

    def under(self, laws: Mapping[OutletId, SiteLaw]) -> "Law":
        """Give the same outlets under the law that the platform brought for each of them."""
        ours = {one.id: laws[one.id] for one in self.outlets.values() if one.id in laws}
        return replace(
            self,
            outlets=MappingProxyType(
                {mn: _under(one, laws.get(one.id)) for mn, one in self.outlets.items()}
            ),
            limits={key: law.limits for key, law in ours.items()},
            facilities=tuple(one for law in ours.values() for one in law.facilities),
            versions={key: law.version for key, law in ours.items()},
        )


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of the sentinel's settings; `law`, without limits yet, alone may change meanwhile."""

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
    return Law(
        outlets=MappingProxyType(outlets),
        expected=MappingProxyType({str(one["mn"]): _expected(one) for one in told}),
        cameras={OutletId(str(one["outletId"])): _cameras(one) for one in told},
    )


def _under(outlet: Outlet, law: SiteLaw | None) -> Outlet:
    return replace(outlet, reference_oxygen=law.reference_oxygen if law else None)


def _outlet(one: Settings, thing: str) -> Outlet:
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
        reference_oxygen=None,
    )


def _cameras(one: Settings) -> tuple[str, ...]:
    return tuple(str(camera) for camera in one.get("cameras", ()))


def _expected(one: Settings) -> Expected:
    return Expected(str(one["password"]), tuple(bytes.fromhex(key) for key in one.get("keys", ())))


def _name(one: Mapping[str, Any]) -> Name:
    return Name(str(one["zh"]), str(one["en"]))
