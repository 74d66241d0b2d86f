"""The commands within someone's scope, with what that person may do with each."""

from collections.abc import Mapping
from dataclasses import dataclass

from plume.flows.command import CommandMove, moves_of
from plume.model.command import CommandId, CommandRecord
from plume.model.outlet import Name
from plume.model.permission import PERMISSIONS, Permission
from plume.model.person import Person, Scope
from plume.ports.commands import CommandQuery, Commands
from plume.ports.registry import Registry
from plume.usecases.in_sight import command_in_sight, require

UNNAMED = Name("", "")


@dataclass(frozen=True, slots=True)
class ShownCommand:
    """One command, the name of its outlet, and what the asker may do with it now."""

    record: CommandRecord
    outlet_name: Name
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownCommandPage:
    """One page, newest first; `cursor` is empty at the end."""

    items: tuple[ShownCommand, ...]
    cursor: str


def list_commands(
    asker: Person,
    query: CommandQuery,
    *,
    part: tuple[int, str],
    commands: Commands,
    registry: Registry,
) -> ShownCommandPage:
    """Give one page of the commands within the asker's scope; `part` is its size and cursor."""
    require(asker, Permission.COMMAND_VIEW)
    most, cursor = part
    page = commands.page(query, asker.scope, most=most, cursor=cursor)
    names = _names(page.items, registry)
    shown = tuple(_shown(asker, record, names) for record in page.items)
    return ShownCommandPage(shown, page.cursor)


def show_command(
    asker: Person, key: CommandId, *, commands: Commands, registry: Registry
) -> ShownCommand:
    """Give one command.

    Raises:
        NotThere: none with this id within the scope.
    """
    require(asker, Permission.COMMAND_VIEW)
    record = command_in_sight(asker, key, commands)
    return _shown(asker, record, _names((record,), registry))


def _shown(asker: Person, record: CommandRecord, names: Mapping[str, Name]) -> ShownCommand:
    moves = [move.value for move in moves_of(record.state) if _may(asker, record, move)]
    return ShownCommand(record, names.get(record.command.outlet or "", UNNAMED), tuple(moves))


def _may(asker: Person, record: CommandRecord, move: CommandMove) -> bool:
    is_own = record.history[0].actor == asker.id
    if move is CommandMove.WITHDRAW:
        return is_own
    is_second = not is_own or move is CommandMove.REJECT
    return is_second and Permission.COMMAND_APPROVE in PERMISSIONS[asker.role]


def _names(records: tuple[CommandRecord, ...], registry: Registry) -> Mapping[str, Name]:
    keys = tuple(sorted({one.command.outlet for one in records if one.command.outlet}))
    found = registry.outlets(Scope(outlets=keys)) if keys else ()
    return {outlet.id: outlet.name for outlet in found}
