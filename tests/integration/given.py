"""Facts for the port suites."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from plume.model.alarm import Alarm, Condition, Handling, Judged, Transition
from plume.model.finding import AlarmType, RuleVersion, Sentence, Severity
from plume.model.identity import AlarmId, EnterpriseId, FactorCode, OutletId, RegionCode, ThingName
from plume.model.limit import Basis, Limit
from plume.model.outlet import Attention, Enterprise, Medium, Name, Outlet, Region
from plume.model.reading import Origin, Reading, Span

EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
SO2 = FactorCode("a21026")
NOX = FactorCode("a21002")

TONGLIAO = Region(RegionCode("150500"), Name("通辽市", "Tongliao"), "")
KAILU = Region(RegionCode("150523"), Name("开鲁县", "Kailu"), "150500")
ORDOS = Region(RegionCode("150600"), Name("鄂尔多斯市", "Ordos"), "")


def enterprise(key: str, region: str = "150523") -> Enterprise:
    name = Name(f"{key} 有限公司", f"{key} Ltd")
    return Enterprise(
        EnterpriseId(key), name, RegionCode(region), "D4411", Attention.CITY, 121.3, 43.6
    )


def outlet(key: str, owner: str = "north", region: str = "150523") -> Outlet:
    return Outlet(
        id=OutletId(key),
        enterprise=EnterpriseId(owner),
        name=Name(f"{key} 排口", f"{key} stack"),
        medium=Medium.GAS,
        region=RegionCode(region),
        mn=f"MN-{key}",
        st="31",
        password="123456",
        thing=ThingName("edge-1"),
        factors=(SO2, NOX),
        reference_oxygen=Decimal("6.0"),
    )


def limit(key: str, owner: str = "stack", version: int = 1) -> Limit:
    return Limit(
        id=key,
        outlet=OutletId(owner),
        factor=SO2,
        ceiling=Decimal("35.0"),
        unit="mg/m3",
        basis=Basis.CONVERTED,
        span=Span.HOUR,
        standard="GB 13223-2011",
        clause="table 1",
        valid_from=EIGHT,
        version=version,
    )


def reading(value: str = "30.10", *, start: datetime = EIGHT, factor: str = SO2) -> Reading:
    return Reading(
        outlet=OutletId("stack"),
        factor=FactorCode(factor),
        span=Span.HOUR,
        start=start,
        mean=Decimal(value),
        flag="N",
        valid=True,
        source=Origin.REPORTED,
        known_at=start + HOUR,
        thing="edge-1",
        sequence=7,
    )


def alarm(key: str = "AL1", *, version: int = 1, minutes: int = 0) -> Alarm:
    at = EIGHT + timedelta(minutes=minutes)
    word = Judged(
        start=EIGHT,
        end=EIGHT + HOUR,
        known_at=at,
        broken=True,
        severity=Severity.L3,
        value=Decimal("48.3"),
        limit=Decimal(35),
        sentence=Sentence("超", "o"),
    )
    return Alarm(
        id=AlarmId(key),
        rule=RuleVersion("E-01", 1),
        outlet=OutletId("stack"),
        enterprise=EnterpriseId("north"),
        region=RegionCode("150523"),
        factor=SO2,
        type=AlarmType.EXCEED,
        subtype="hour",
        severity=Severity.L3,
        condition=Condition.ACTIVE,
        handling=Handling.AWAITING_RESPONSE,
        first_at=EIGHT,
        last_at=EIGHT + HOUR,
        raised_at=at,
        updated_at=at,
        count=1,
        value=Decimal("48.3"),
        limit=Decimal(35),
        unit="mg/m3",
        sentence=Sentence("超标", "over"),
        windows=(EIGHT,),
        history=(),
        version=version,
        judged=(word,),
    )


def moved(before: Alarm) -> Alarm:
    step = Transition(
        EIGHT,
        "u1",
        "county",
        "acknowledge",
        Handling.AWAITING_RESPONSE,
        Handling.RESPONDED,
        "看过",
    )
    return replace(
        before,
        handling=Handling.RESPONDED,
        history=(step,),
        version=before.version + 1,
    )
