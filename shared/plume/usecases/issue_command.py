"""Ask a plant for something: checked, approved by a second person where that is due, sent."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from plume.errors import Conflict, Forbidden, Refused
from plume.flows.command import CommandMove, by_person
from plume.model.command import (
    DUAL_CONTROL,
    FOR_THE_DEVICE,
    MAY_ASK,
    Command,
    CommandId,
    CommandKind,
    CommandRecord,
    CommandState,
)
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.audit import Audit
from plume.ports.commands import Commands
from plume.ports.notices import DeviceCommands
from plume.ports.registry import Registry
from plume.usecases.audit_command import audit_command
from plume.usecases.command_alarm import Response
from plume.usecases.in_sight import device_in_sight, outlet_in_sight, require
from plume.usecases.send_command import TO_SEND
from plume.wire.command_arguments import Arguments, checked_arguments

WAITS_FOR_APPROVAL = timedelta(hours=24)
VALID_MINUTES = (1, 1_440)
USUAL_MINUTES = 15


@dataclass(frozen=True, slots=True)
class CommandWorld:
    """What asking and deciding need of the world; `device_commands` may be a queue."""

    registry: Registry
    commands: Commands
    audit: Audit
    device_commands: DeviceCommands


@dataclass(frozen=True, slots=True)
class Wanted:
    """What someone asks for: of an outlet, or of the device itself, then `outlet` is None.

    The same `said.key` again is the same command. `valid_minutes` is how long after approval it
    may still be begun.
    """

    kind: CommandKind
    outlet: OutletId | None
    thing: ThingName | None
    arguments: Mapping[str, object]
    said: Response
    valid_minutes: int = USUAL_MINUTES


@dataclass(frozen=True, slots=True)
class _Target:
    thing: ThingName
    outlet: OutletId | None
    enterprise: EnterpriseId
    region: RegionCode


def issue_command(
    asker: Person, wanted: Wanted, *, world: CommandWorld, now: datetime
) -> CommandRecord:
    """Keep the command, and let it be sent unless a second person must approve it first.

    Raises:
        Forbidden: the role may not ask for this kind.
        NotThere: no such outlet or device within the scope.
        Refused: an argument is wrong; the pointer names it.
        Conflict: the key was used for another command.
        Unavailable: ask again with the same key; it is not asked twice.
    """
    require_may_ask(asker)
    _require_kind(asker, wanted.kind)
    target = _target(asker, wanted, world.registry)
    arguments = _checked(wanted)
    asked = _record(asker, wanted, target, arguments, now)
    record = _kept(asked, world)
    tell_command(record, world)
    return record


def tell_command(record: CommandRecord, world: CommandWorld) -> None:
    """Tell what was done to a command: to the audit trail, and to the device if it may go.

    Told again when the asking is repeated: whoever comes after a crash tells what was left.
    """
    audit_command(record, world.audit)
    if record.state in TO_SEND:
        world.device_commands.send(record.command)


def require_may_ask(asker: Person) -> None:
    """Let only those go on who may ask for any command at all.

    Raises:
        Forbidden: the role may not.
    """
    require(asker, Permission.COMMAND_ASK)


def command_id(asker: Person, key: str) -> CommandId:
    """Name a command after who asked and their key: the same again after a crash."""
    digest = sha256(f"{asker.id}\n{key}".encode()).digest()
    return CommandId("CM" + b32encode(digest)[:16].decode())


def _require_kind(asker: Person, kind: CommandKind) -> None:
    if kind not in MAY_ASK.get(asker.role, frozenset()):
        raise Forbidden(
            f"role {asker.role.value} may not ask for {kind.value}",
            zh=f"当前角色不能下达 {kind.value} 命令",
            pointer="/kind",
        )


def _target(asker: Person, wanted: Wanted, registry: Registry) -> _Target:
    if wanted.kind in FOR_THE_DEVICE:
        return _device_target(asker, wanted, registry)
    if wanted.outlet is None:
        raise Refused("outletId is missing", zh="请选择排放口", pointer="/outletId")
    outlet = outlet_in_sight(asker, wanted.outlet, registry)
    if wanted.thing not in {None, outlet.thing}:
        raise Refused(
            "the outlet stands behind another device",
            zh="该排放口不在此设备下",
            pointer="/thing",
        )
    return _Target(outlet.thing, outlet.id, outlet.enterprise, outlet.region)


def _device_target(asker: Person, wanted: Wanted, registry: Registry) -> _Target:
    if wanted.thing is None:
        raise Refused("thing is missing", zh="请选择设备", pointer="/thing")
    device = device_in_sight(asker, wanted.thing, registry)
    owner = registry.enterprise(device.enterprise)
    assert owner is not None  # noqa: S101, a device is in sight by its enterprise
    return _Target(device.thing, None, owner.id, owner.region)


def _checked(wanted: Wanted) -> Arguments:
    least, most = VALID_MINUTES
    if not least <= wanted.valid_minutes <= most:
        raise Refused(
            f"validMinutes must be {least} to {most}",
            zh=f"有效时间应为 {least} 到 {most} 分钟",
            pointer="/validMinutes",
        )
    if wanted.kind in DUAL_CONTROL and not wanted.said.reason.strip():
        raise Refused("reason is missing", zh="此命令须填写理由", pointer="/reason")
    return checked_arguments(wanted.kind, wanted.arguments)


def _record(
    asker: Person, wanted: Wanted, target: _Target, arguments: Arguments, now: datetime
) -> CommandRecord:
    dual = wanted.kind in DUAL_CONTROL
    valid = timedelta(minutes=wanted.valid_minutes)
    state = CommandState.AWAITING_APPROVAL if dual else CommandState.APPROVED
    command = Command(
        id=command_id(asker, wanted.said.key),
        thing=target.thing,
        kind=wanted.kind,
        issued_at=now,
        expires_at=now + (WAITS_FOR_APPROVAL if dual else valid),
        outlet=target.outlet,
        arguments=arguments,
    )
    said = wanted.said
    step = replace(
        by_person(asker, CommandMove.ASK, now),
        after=state,
        reason=said.reason,
        device=said.device,
        key=said.key,
    )
    return CommandRecord(
        command=command,
        state=state,
        enterprise=target.enterprise,
        region=target.region,
        asked_at=now,
        updated_at=now,
        valid_minutes=wanted.valid_minutes,
        history=(step,),
    )


def _kept(asked: CommandRecord, world: CommandWorld) -> CommandRecord:
    """Keep it, or give the one that this key made before."""
    try:
        world.commands.put(asked, expected=0)
    except Conflict:
        known = world.commands.get(asked.id)
        if known is None or not _same(known, asked):
            raise Conflict(
                "this Idempotency-Key was used for another command",
                zh="该 Idempotency-Key 已用于另一命令",
                pointer="/headers/Idempotency-Key",
            ) from None
        return known
    return asked


def _same(known: CommandRecord, asked: CommandRecord) -> bool:
    """Tell whether two askings mean the same; when does not matter."""
    one, other = known.command, asked.command
    return (one.kind, one.thing, one.outlet, one.arguments) == (
        other.kind,
        other.thing,
        other.outlet,
        other.arguments,
    )
