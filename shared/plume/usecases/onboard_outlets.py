"""Register the outlets of a sheet: all of them checked first, then written, row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plume.errors import Conflict, Forbidden
from plume.model.belated import belated
from plume.model.identity import RegionCode
from plume.model.onboarding import Column, Fault, Registration, SheetRow
from plume.model.outlet import Outlet, Region
from plume.model.permission import PERMISSIONS, Permission
from plume.model.person import Person
from plume.ports.notices import BelatedFrames
from plume.ports.registry import Registry, Wanted
from plume.rules.registration import fault, faults_of, registration_of
from plume.usecases.believe_secrets import MOST_BELIEVED


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What a sheet holds: sound rows, and what is wrong in the others."""

    rows: int
    sound: tuple[Registration, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class OnboardWorld:
    """What registering outlets asks of the world."""

    registry: Registry
    belated: BelatedFrames


def require_may_onboard(asker: Person) -> None:
    """Refuse whoever may not register outlets.

    Raises:
        Forbidden: the asker's role may not.
    """
    if Permission.OUTLET_ONBOARD not in PERMISSIONS[asker.role]:
        raise Forbidden("your role may not register outlets", zh="您的角色不能登记排口")


def check_outlets(asker: Person, rows: Sequence[SheetRow], *, registry: Registry) -> SheetReport:
    """Check every row of a sheet against the rules and the registry; nothing is written.

    Raises:
        Forbidden: the asker's role may not register outlets.
    """
    require_may_onboard(asker)
    return _checked(asker, rows, _foreseen(rows, registry))


def _foreseen(rows: Sequence[SheetRow], registry: Registry) -> Registry:
    """Read at once what five hundred rows would ask for one by one, for half a minute."""
    faulty = {one.row for one in faults_of(rows)}
    said = [registration_of(row) for row in rows if row.number not in faulty]
    return registry.foresee(
        Wanted(
            enterprises=[one.enterprise.id for one in said],
            outlets=[one.outlet.id for one in said],
            mns=[one.outlet.mn for one in said],
            devices=[one.device.thing for one in said],
        )
    )


def _checked(asker: Person, rows: Sequence[SheetRow], registry: Registry) -> SheetReport:
    faults = faults_of(rows)
    faulty = {one.row for one in faults}
    regions = {one.code: one for one in registry.regions()}
    sound = []
    for row in rows:
        if row.number in faulty:
            continue
        objections = list(_objections(asker, row, regions, registry))
        if objections:
            faults += objections
        else:
            sound.append(registration_of(row))
    return SheetReport(len(rows), tuple(sound), tuple(sorted(faults, key=lambda one: one.row)))


def onboard_outlets(
    asker: Person,
    rows: Sequence[SheetRow],
    *,
    skip_faulty: bool,
    world: OnboardWorld,
    now: datetime,
) -> SheetReport:
    """Register the sound rows of a sheet, and tell that what waited for it is due.

    That is the law of each outlet on its device, and what its data logger said before under an
    MN, PW or key that was unknown.

    Safe to repeat: what is registered already as the row says is left as it is, and what devices
    and people have added since (fingerprints, first frames, a PW or key that was changed) stays.
    A row is written device first, outlet last, so that an outlet that shows is whole.

    Raises:
        Forbidden: the asker's role may not register outlets.
        Conflict: rows are faulty and `skip_faulty` is not set; nothing was written.
    """
    require_may_onboard(asker)
    foreseen = _foreseen(rows, world.registry)
    report = _checked(asker, rows, foreseen)
    if report.faults and not skip_faulty:
        count = len({one.row for one in report.faults})
        raise Conflict(f"{count} rows are faulty", zh=f"有{count}行存在错误，未登记任何一行")
    for one in report.sound:
        _register(one, foreseen, world.registry)
    if report.sound:
        world.belated.tell([belated(one.outlet.id, now) for one in report.sound])
    return report


def _register(one: Registration, foreseen: Registry, fresh: Registry) -> None:
    """Write one row; of a device or outlet that is known, what it became a moment ago stays."""
    if foreseen.device(one.device.thing) is None:
        foreseen.enter_device(one.device)
    if foreseen.enterprise(one.enterprise.id) != one.enterprise:
        foreseen.put_enterprise(one.enterprise)
    fresh.put_limits(one.limits)
    known = foreseen.outlet(one.outlet.id)
    fresh.put_outlet(_believing(one.outlet, known and fresh.outlet(known.id)))


def _believing(said: Outlet, known: Outlet | None) -> Outlet:
    """Keep the PWs and keys known by now; what the row says anew goes before them."""
    if known is None:
        return said
    passwords = (known.password, *known.other_passwords)
    if said.password not in passwords:
        passwords = (said.password, *passwords)
    keys = (*(key for key in said.keys if key not in known.keys), *known.keys)
    first, *others = passwords[:MOST_BELIEVED]
    return replace(said, password=first, other_passwords=tuple(others), keys=keys[:MOST_BELIEVED])


def _objections(
    asker: Person, row: SheetRow, regions: dict[RegionCode, Region], registry: Registry
) -> Iterator[Fault]:
    """Find what the registry has against a row whose cells are sound."""
    said = registration_of(row)
    region = regions.get(said.outlet.region)
    if region is None or not region.parent:
        yield fault(row, Column.REGION, "没有这个旗县区划", "no such county")
    elif not asker.scope.covers(region=region.code, enterprise=""):
        yield fault(row, Column.REGION, "不在您的管辖范围内", "outside your scope")
    owner = registry.enterprise(said.enterprise.id)
    if owner is not None and not asker.scope.covers(region=owner.region, enterprise=owner.id):
        yield fault(row, Column.ENTERPRISE_ID, "已由其他地区登记", "is registered elsewhere")
    yield from _taken(row, said, registry)


def _taken(row: SheetRow, said: Registration, registry: Registry) -> Iterator[Fault]:
    """Find which of the row's names belong to someone else already."""
    outlet = registry.outlet(said.outlet.id)
    if outlet is not None and outlet.enterprise != said.outlet.enterprise:
        yield fault(row, Column.OUTLET_ID, "已登记在其他企业", "is of another enterprise already")
    holder = registry.outlet_by_mn(said.outlet.mn)
    if holder is not None and holder.id != said.outlet.id:
        yield fault(row, Column.MN, f"已登记在排口{holder.id}", f"is that of outlet {holder.id}")
    device = registry.device(said.device.thing)
    if device is not None and device.enterprise != said.device.enterprise:
        yield fault(row, Column.SERIAL, "已登记在其他企业", "is of another enterprise already")
