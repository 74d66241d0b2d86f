"""The registry kept in DynamoDB."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from plume.aws.fact_text import fact_of, facts_of, moment, moment_of, text_of
from plume.aws.failures import suppress_lost, told_as_unavailable
from plume.aws.rows import Row, index
from plume.errors import Unavailable
from plume.model.camera import Camera
from plume.model.device import Device
from plume.model.facility import Facility
from plume.model.identity import EnterpriseId, OutletId, ThingName
from plume.model.limit import Limit
from plume.model.outlet import Enterprise, Outlet, Region
from plume.model.person import Scope
from plume.ports.registry import Registry, Wanted

Kept = TypeVar("Kept")

PROVINCE_DIGITS = 2
ATTEMPTS = 5
MOST_OWNERS = 10_000
"""Whose MN it is is remembered for so many; whether it still is, is asked of the outlet itself."""


class RegistryRow(Row):
    """A region, an enterprise, an outlet, its limits, cameras or facilities, an MN, a device."""

    class Meta:
        """Bound by `RegistryTable`."""

        table_name = ""

    online_since = UnicodeAttribute(null=True)
    revision = NumberAttribute(null=True)
    by_region_pk = UnicodeAttribute(null=True)
    by_region_sk = UnicodeAttribute(null=True)
    by_enterprise_pk = UnicodeAttribute(null=True)
    by_enterprise_sk = UnicodeAttribute(null=True)
    by_region = index("by_region")
    """Enterprises and outlets of a province, by region code."""
    by_enterprise = index("by_enterprise")
    """Outlets of an enterprise."""


class RegistryTable:
    """`plume.ports.registry.Registry` on DynamoDB.

    Args:
        table_name: of the table.
        hold: how long an answer on facilities stands [s]: whoever asks with every batch of points
            need not know at once what hardly ever changes.
        clock: a monotonic time [s].
    """

    def __init__(
        self, table_name: str, hold: float = 0.0, clock: Callable[[], float] = monotonic
    ) -> None:
        RegistryRow.Meta.table_name = table_name
        self._hold, self._clock = hold, clock
        self._owners: dict[str, OutletId] = {}
        self._watched: dict[str, tuple[float, Sequence[Facility]]] = {}
        self._foreseen: dict[tuple[str, str], RegistryRow | None] = {}

    def foresee(self, wanted: Wanted) -> Registry:
        """Give this registry with what is wanted read at once, in one request per hundred."""
        keys = [
            *((f"enterprise#{key}", "enterprise") for key in wanted.enterprises),
            *((f"outlet#{key}", "outlet") for key in wanted.outlets),
            *((f"mn#{key}", "mn") for key in wanted.mns),
            *((f"device#{key}", "device") for key in wanted.devices),
        ]
        seeing = RegistryTable(RegistryRow.Meta.table_name, self._hold, self._clock)
        seeing._foreseen = dict.fromkeys(keys)
        with told_as_unavailable("registry table"):
            for row in RegistryRow.batch_get(list(seeing._foreseen), consistent_read=True):
                seeing._foreseen[row.pk, row.sk] = row
        return seeing

    def regions(self) -> Sequence[Region]:
        """Give every region, by code."""
        with told_as_unavailable("registry table"):
            return [fact_of(Region, str(row.fact)) for row in RegistryRow.query("region")]

    def enterprises(self, scope: Scope) -> Sequence[Enterprise]:
        """Give the enterprises within the scope, and those of contract outlets, by id."""
        found = {e.id: e for e in self._in_regions("enterprise", scope, _enterprise)}
        held = {outlet.enterprise for outlet in self.outlets(Scope(outlets=scope.outlets))}
        keys = sorted(({*scope.enterprises} | held) - found.keys())
        named = [("enterprise#" + key, "enterprise") for key in keys]
        found |= {row.id: row for row in self._all_of(named, _enterprise)}
        return [found[key] for key in sorted(found)]

    def enterprise(self, key: EnterpriseId) -> Enterprise | None:
        """Give one enterprise; None when there is none."""
        return self._one(f"enterprise#{key}", "enterprise", _enterprise)

    def outlets(self, scope: Scope) -> Sequence[Outlet]:
        """Give the outlets within the scope, by id."""
        found = {o.id: o for o in self._in_regions("outlet", scope, _outlet)}
        for enterprise in scope.enterprises:
            found |= {outlet.id: outlet for outlet in self._of_enterprise(enterprise)}
        named = [("outlet#" + key, "outlet") for key in scope.outlets if key not in found]
        found |= {outlet.id: outlet for outlet in self._all_of(named, _outlet)}
        return [found[key] for key in sorted(found)]

    def outlet(self, key: OutletId) -> Outlet | None:
        """Give one outlet; None when there is none."""
        return self._one(f"outlet#{key}", "outlet", _outlet)

    def outlet_by_mn(self, mn: str) -> Outlet | None:
        """Give the outlet whose data logger says this MN; None when it is unknown."""
        remembered = self._owners.get(mn)
        outlet = None if remembered is None else self._said_by(mn, remembered)
        if outlet is not None:
            return outlet
        owner = self._one(f"mn#{mn}", "mn", lambda row: OutletId(str(row.fact)))
        outlet = None if owner is None else self._said_by(mn, owner)
        if outlet is not None and len(self._owners) < MOST_OWNERS:
            self._owners[mn] = outlet.id
        return outlet

    def _said_by(self, mn: str, owner: OutletId) -> Outlet | None:
        """Give this outlet as it is now, if its data logger says this MN."""
        outlet = self.outlet(owner)
        return outlet if outlet is not None and outlet.mn == mn else None

    def limits(self, outlet: OutletId) -> Sequence[Limit]:
        """Give every limit of the outlet, past and present."""
        return self._one(f"outlet#{outlet}", "limits", _limits) or ()

    def limits_of(self, outlets: Sequence[OutletId]) -> dict[OutletId, Sequence[Limit]]:
        """Give every limit of each of these outlets, in one request per hundred."""
        found: dict[OutletId, Sequence[Limit]] = dict.fromkeys(outlets, ())
        keys = [(f"outlet#{key}", "limits") for key in found]
        for limits in self._all_of(keys, _limits):
            found[limits[0].outlet] = limits
        return found

    def cameras_of(self, outlets: Sequence[OutletId]) -> dict[OutletId, Sequence[Camera]]:
        """Give the cameras of each of these outlets, by id, in one request per hundred."""
        found: dict[OutletId, Sequence[Camera]] = dict.fromkeys(outlets, ())
        keys = [(f"outlet#{key}", "cameras") for key in found]
        for cameras in self._all_of(keys, _cameras):
            found[cameras[0].outlet] = cameras
        return found

    def facilities(self, subject: str) -> Sequence[Facility]:
        """Give the facilities of this outlet, or those that signals of this unit watch, by id."""
        asked_at, known = self._watched.get(subject, (float("-inf"), ()))
        if self._clock() - asked_at < self._hold:
            return known
        found = self._one(f"subject#{subject}", "facilities", _facilities) or ()
        self._watched[subject] = self._clock(), found
        return found

    def device(self, thing: ThingName) -> Device | None:
        """Give one edge device; None when it is not registered."""
        return self._one(f"device#{thing}", "device", lambda row: fact_of(Device, str(row.fact)))

    def mark_online(self, outlet: OutletId, since: datetime) -> None:
        """Note the first accepted frame of an outlet; a later call changes nothing."""
        row = RegistryRow(f"outlet#{outlet}", "outlet")
        first = RegistryRow.pk.exists() & RegistryRow.online_since.does_not_exist()
        with told_as_unavailable("registry table"), suppress_lost():
            row.update(actions=[RegistryRow.online_since.set(moment(since))], condition=first)

    def put_region(self, region: Region) -> None:
        """Enter or replace a region."""
        self._save(RegistryRow("region", region.code, fact=text_of(region)))

    def put_enterprise(self, enterprise: Enterprise) -> None:
        """Enter or replace an enterprise."""
        self._save(
            RegistryRow(
                f"enterprise#{enterprise.id}",
                "enterprise",
                fact=text_of(enterprise),
                by_region_pk=f"enterprise#{enterprise.region[:PROVINCE_DIGITS]}",
                by_region_sk=f"{enterprise.region}#{enterprise.id}",
            )
        )

    def put_outlet(self, outlet: Outlet) -> None:
        """Enter or replace an outlet and its MN; `online_since` once noted stays."""
        row = RegistryRow(f"outlet#{outlet.id}", "outlet")
        since = RegistryRow.online_since
        actions: list[Action] = [
            RegistryRow.fact.set(text_of(replace(outlet, online_since=None))),
            RegistryRow.by_region_pk.set(f"outlet#{outlet.region[:PROVINCE_DIGITS]}"),
            RegistryRow.by_region_sk.set(f"{outlet.region}#{outlet.id}"),
            RegistryRow.by_enterprise_pk.set(outlet.enterprise),
            RegistryRow.by_enterprise_sk.set(f"outlet#{outlet.id}"),
        ]
        if outlet.online_since is not None:
            actions.append(since.set(since | moment(outlet.online_since)))
        with told_as_unavailable("registry table"):
            row.update(actions=actions)
        self._foreseen.pop((row.pk, row.sk), None)
        self._save(RegistryRow(f"mn#{outlet.mn}", "mn", fact=outlet.id))

    def put_limit(self, limit: Limit) -> None:
        """Enter a limit beside the others of its outlet; the same (id, version) is replaced.

        Raises:
            Unavailable: others kept changing the limits of this outlet.
        """
        self.put_limits((limit,))

    def put_limits(self, limits: Sequence[Limit]) -> None:
        """Enter the limits of one outlet beside the others; none of them changes nothing.

        Raises:
            Unavailable: others kept changing the limits of this outlet.
        """

        def beside(kept: tuple[Limit, ...]) -> tuple[Limit, ...]:
            named = {(each.id, each.version): each for each in (*kept, *limits)}
            return tuple(named[key] for key in sorted(named))

        if limits:
            self._change(f"outlet#{limits[0].outlet}", "limits", _limits, beside)

    def put_camera(self, camera: Camera) -> None:
        """Enter or replace a camera of its outlet.

        Raises:
            Unavailable: others kept changing the cameras of this outlet.
        """

        def beside(kept: tuple[Camera, ...]) -> tuple[Camera, ...]:
            named = {each.id: each for each in (*kept, camera)}
            return tuple(named[key] for key in sorted(named))

        self._change(f"outlet#{camera.outlet}", "cameras", _cameras, beside)

    def put_facility(self, facility: Facility) -> None:
        """Enter a facility, or replace the one of this id.

        Raises:
            Unavailable: others kept changing the facilities of one of its subjects.
        """

        def beside(kept: tuple[Facility, ...]) -> tuple[Facility, ...]:
            named = {each.id: each for each in (*kept, facility)}
            return tuple(named[key] for key in sorted(named))

        self._watch(facility, beside)

    def drop_facility(self, facility: Facility) -> None:
        """Watch a facility no more; one that is not there changes nothing.

        Raises:
            Unavailable: others kept changing the facilities of one of its subjects.
        """
        self._watch(facility, lambda kept: tuple(one for one in kept if one.id != facility.id))

    def _watch(
        self,
        facility: Facility,
        change: Callable[[tuple[Facility, ...]], tuple[Facility, ...]],
    ) -> None:
        for subject in facility.subjects:
            self._watched.pop(subject, None)
            self._change(f"subject#{subject}", "facilities", _facilities, change)

    def enter_device(self, device: Device) -> None:
        """Enter a device; one that is there stays as it is, with the key it came up with."""
        row = _device_row(device)
        with told_as_unavailable("registry table"), suppress_lost():
            row.save(RegistryRow.pk.does_not_exist())
            self._note_written(row)

    def put_device(self, device: Device) -> None:
        """Enter or replace a device."""
        self._save(_device_row(device))

    def _change(
        self,
        pk: str,
        what: str,
        read: Callable[[RegistryRow], tuple[Kept, ...]],
        change: Callable[[tuple[Kept, ...]], tuple[Kept, ...]],
    ) -> None:
        """Change one item that several may write at once."""
        for _ in range(ATTEMPTS):
            with told_as_unavailable("registry table"), suppress_lost():
                row = self._read(pk, what, lambda found: found)
                changed = change(() if row is None else read(row))
                return _save_next(row, RegistryRow(pk, what, fact=text_of(changed)))
        raise Unavailable(f"registry table: {what} of {pk} keep changing")

    def _in_regions(
        self, kind: str, scope: Scope, read: Callable[[RegistryRow], Kept]
    ) -> list[Kept]:
        found: list[Kept] = []
        with told_as_unavailable("registry table"):
            for prefix, province in self._provinces(scope.regions):
                begins = RegistryRow.by_region_sk.startswith(prefix) if prefix else None
                rows = RegistryRow.by_region.query(f"{kind}#{province}", begins)
                found += [read(row) for row in rows]
        return found

    def _provinces(self, prefixes: Iterable[str]) -> Iterable[tuple[str, str]]:
        """Name the partitions of each prefix; one shorter than a province may have several."""
        for prefix in dict.fromkeys(prefixes):
            if len(prefix) >= PROVINCE_DIGITS:
                yield prefix, prefix[:PROVINCE_DIGITS]
                continue
            codes = {region.code[:PROVINCE_DIGITS] for region in self.regions()}
            yield from ((prefix, code) for code in sorted(codes) if code.startswith(prefix))

    def _of_enterprise(self, enterprise: EnterpriseId) -> list[Outlet]:
        with told_as_unavailable("registry table"):
            return [_outlet(row) for row in RegistryRow.by_enterprise.query(enterprise)]

    def _one(self, pk: str, sk: str, read: Callable[[RegistryRow], Kept]) -> Kept | None:
        if (pk, sk) not in self._foreseen:
            return self._read(pk, sk, read)
        row = self._foreseen[pk, sk]
        return None if row is None else read(row)

    def _read(self, pk: str, sk: str, read: Callable[[RegistryRow], Kept]) -> Kept | None:
        with told_as_unavailable("registry table"), suppress(RegistryRow.DoesNotExist):
            return read(RegistryRow.get(pk, sk, consistent_read=True))
        return None

    def _all_of(
        self, keys: Sequence[tuple[str, str]], read: Callable[[RegistryRow], Kept]
    ) -> list[Kept]:
        if not keys:
            return []
        with told_as_unavailable("registry table"):
            return [read(row) for row in RegistryRow.batch_get(keys)]

    def _save(self, row: RegistryRow) -> None:
        with told_as_unavailable("registry table"):
            row.save()
        self._note_written(row)

    def _note_written(self, row: RegistryRow) -> None:
        """Answer from now on with what was written through here."""
        if (row.pk, row.sk) in self._foreseen:
            self._foreseen[row.pk, row.sk] = row


def _device_row(device: Device) -> RegistryRow:
    return RegistryRow(f"device#{device.thing}", "device", fact=text_of(device))


def _enterprise(row: RegistryRow) -> Enterprise:
    return fact_of(Enterprise, str(row.fact))


def _outlet(row: RegistryRow) -> Outlet:
    outlet = fact_of(Outlet, str(row.fact))
    if row.online_since is None:
        return outlet
    return replace(outlet, online_since=moment_of(row.online_since))


def _limits(row: RegistryRow) -> tuple[Limit, ...]:
    return facts_of(Limit, str(row.fact))


def _cameras(row: RegistryRow) -> tuple[Camera, ...]:
    return facts_of(Camera, str(row.fact))


def _facilities(row: RegistryRow) -> tuple[Facility, ...]:
    return facts_of(Facility, str(row.fact))


def _save_next(known: RegistryRow | None, row: RegistryRow) -> None:
    """Save the next revision of an item, on condition that nobody wrote in between."""
    revision = None if known is None else known.revision
    row.revision = int(revision or 0) + 1
    row.save(
        RegistryRow.pk.does_not_exist() if revision is None else RegistryRow.revision == revision
    )
