"""From the settings to sources: which module reads which kind.

A protocol's library is loaded when a source speaks it: most plants need one of them, or none.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.folder_pull import folder_pull_of
from edge_greengrass.collector.sources.source import Kind, Source
from edge_greengrass.settings import BadSettings


def _modbus(fields: Fields, _: Path) -> Source:
    from edge_greengrass.collector.sources.modbus import modbus_of  # noqa: PLC0415, see above

    return modbus_of(fields)


def _opcua(fields: Fields, _: Path) -> Source:
    from edge_greengrass.collector.sources.opcua import opcua_of  # noqa: PLC0415, see above

    return opcua_of(fields)


def _pull(fields: Fields, state: Path) -> Source:
    if fields.has("folder"):
        return folder_pull_of(fields, state)
    from edge_greengrass.collector.sources.http_pull import http_pull_of  # noqa: PLC0415, see above

    return http_pull_of(fields, state)


_READERS: Mapping[Kind, Callable[[Fields, Path], Source]] = {
    Kind.MODBUS: _modbus,
    Kind.OPCUA: _opcua,
    Kind.PULL: _pull,
}


def sources_of(found: object, state: Path) -> tuple[Source, ...]:
    """Read the list of sources; what they remember across restarts lies under `state`.

    Raises:
        BadSettings: naming the field.
    """
    if not isinstance(found, list):
        raise BadSettings("sources: no list", pointer="sources")
    sources = [_source(one, f"sources[{place}]", state) for place, one in enumerate(found)]
    _require_unique(sources)
    return tuple(sources)


def _source(found: object, path: str, state: Path) -> Source:
    fields = Fields(found, path)
    kind = fields.choice("kind", Kind)
    return _READERS[kind](fields, state)


def _require_unique(sources: Sequence[Source]) -> None:
    names: set[str] = set()
    for place, one in enumerate(sources):
        name = one.terms.name
        if name in names:
            raise BadSettings(f"sources[{place}].name: {name!r} stands twice", pointer="sources")
        names.add(name)
