"""Believe a data logger under the PW or key it was just given, before its frames are judged.

The edge tells EXECUTING before it sends a new secret on, so that word stands in the chain before
any frame under the new secret. From then on both are believed; DONE makes the new one the current
one. Former ones stay believed, for frames that wait at the edge were sent under them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from plume.errors import Refused
from plume.hj212.requests import BadArguments, key_of, password_of
from plume.model.command import Command, CommandId, CommandKind
from plume.model.event import Receipt, ReceiptStage
from plume.model.identity import ThingName
from plume.model.outlet import Outlet
from plume.model.segment import Segment
from plume.ports.commands import Commands
from plume.ports.registry import Registry
from plume.wire.events import event_of

MOST_BELIEVED = 4
"""So many secrets of one kind are believed at once [1], the newest first."""
_STAGES = frozenset({ReceiptStage.EXECUTING, ReceiptStage.DONE})


class SecretWorld(Protocol):
    """The ports that secrets need."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def commands(self) -> Commands:
        """What was asked."""


def believe_secrets(segments: Sequence[Segment], world: SecretWorld) -> None:
    """Take over the secrets that these segments tell of; harmless when repeated."""
    for segment in segments:
        for fields in segment.payload.events:
            if fields.get("type") == "receipt":
                _heed(segment.header.thing, fields, world)


def _heed(thing: ThingName, fields: dict[str, object], world: SecretWorld) -> None:
    try:
        receipt = event_of(fields)
    except Refused:
        return  # `heed_events` tells the operators
    if not isinstance(receipt, Receipt) or receipt.stage not in _STAGES:
        return
    record = world.commands.get(CommandId(receipt.command))
    if record is None or record.command.thing != thing or record.command.outlet is None:
        return
    outlet = world.registry.outlet(record.command.outlet)
    if outlet is None or outlet.thing != thing:
        return
    changed = _changed(outlet, record.command, done=receipt.stage is ReceiptStage.DONE)
    if changed != outlet:
        world.registry.put_outlet(changed)


def _changed(outlet: Outlet, command: Command, *, done: bool) -> Outlet:
    arguments = command.arguments or {}
    try:
        if command.kind is CommandKind.SET_PASSWORD:
            return _under_password(outlet, password_of(arguments), done=done)
        if command.kind is CommandKind.SET_CIPHER_KEY:
            return _under_key(outlet, key_of(arguments).hex(), done=done)
    except BadArguments:
        return outlet  # the edge refuses it, too
    return outlet


def _under_password(outlet: Outlet, new: str, *, done: bool) -> Outlet:
    known = (outlet.password, *outlet.other_passwords)
    if done:
        known = _first(new, known)
    elif new not in known:
        known = (known[0], new, *known[1:])
    first, *others = known[:MOST_BELIEVED]
    return replace(outlet, password=first, other_passwords=tuple(others))


def _under_key(outlet: Outlet, new: str, *, done: bool) -> Outlet:
    if new in outlet.keys and not done:
        return outlet
    return replace(outlet, keys=_first(new, outlet.keys)[:MOST_BELIEVED])


def _first(new: str, known: tuple[str, ...]) -> tuple[str, ...]:
    return (new, *(one for one in known if one != new))
