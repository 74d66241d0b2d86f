"""From the settings to sources: which module reads which kind.

A protocol's library is loaded when a source speaks it: most plants need one of them, or none.
"""

from collections.abc import Callable, Mapping, Sequence

from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.source import Kind, Source
from edge_greengrass.settings import BadSettings


def _modbus(fields: Fields) -> Source:
    from edge_greengrass.collector.sources.modbus import modbus_of  # noqa: PLC0415, see above

    return modbus_of(fields)


_READERS: Mapping[Kind, Callable[[Fields], Source]] = {Kind.MODBUS: _modbus}


def sources_of(found: object) -> tuple[Source, ...]:
    """Read the list of sources.

    Raises:
        BadSettings: naming the field.
    """
    if not isinstance(found, list):
        raise BadSettings("sources: no list", pointer="sources")
    sources = [_source(one, f"sources[{place}]") for place, one in enumerate(found)]
    _require_unique(sources)
    return tuple(sources)


def _source(found: object, path: str) -> Source:
    fields = Fields(found, path)
    kind = fields.choice("kind", Kind)
    return _READERS[kind](fields)


def _require_unique(sources: Sequence[Source]) -> None:
    names: set[str] = set()
    for place, one in enumerate(sources):
        name = one.terms.name
        if name in names:
            raise BadSettings(f"sources[{place}].name: {name!r} stands twice", pointer="sources")
        names.add(name)
