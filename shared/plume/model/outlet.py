"""Who holds the permit, and where it leaves the plant."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from plume.model.identity import EnterpriseId, FactorCode, OutletId, RegionCode, ThingName


class Medium(StrEnum):
    """What an outlet discharges (排放介质)."""

    GAS = "gas"
    WATER = "water"


class Attention(StrEnum):
    """Who watches the enterprise (关注程度: 国控, 省控, 市控, 其他)."""

    STATE = "state"
    PROVINCE = "province"
    CITY = "city"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Name:
    """One name in the two languages of the product."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Region:
    """A prefecture or a county (行政区划); `parent` is empty for a prefecture."""

    code: RegionCode
    name: Name
    parent: str


@dataclass(frozen=True, slots=True)
class Enterprise:
    """Who holds the permit (排污单位). Position in degrees, WGS 84."""

    id: EnterpriseId
    name: Name
    region: RegionCode
    industry: str
    attention: Attention
    longitude: float
    latitude: float
    address: str = ""


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where pollutants leave the plant (排放口), and how its data logger is known.

    `reference_oxygen` [%] is None where the limit names none (HJ 212-2017 annex D, rule 8).
    `st` is the HJ 212 system code of its frames; `password` the PW they carry, `other_passwords`
    are believed beside it, and `keys` are its SM4 keys [hexadecimal digits], the newest first.
    `online_since` is the first accepted frame; None until then (待接入).
    """

    id: OutletId
    enterprise: EnterpriseId
    name: Name
    medium: Medium
    region: RegionCode
    mn: str
    st: str
    password: str
    thing: ThingName
    factors: tuple[FactorCode, ...]
    reference_oxygen: Decimal | None = None
    process: str = ""
    service_level: str = "trinity"
    online_since: datetime | None = None
    other_passwords: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
