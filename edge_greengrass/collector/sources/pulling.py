"""What pulls have in common: tables read row by row, and a bad row told of."""

from edge_greengrass.collector.sources.rows import BadRow, Mapped, RowMap
from edge_greengrass.collector.sources.source import Sink
from plume.errors import Unavailable


def read_rows(mapping: RowMap, content: bytes, sink: Sink) -> list[Mapped]:
    """Read the rows of an answer or a file; a bad one is complained of and left out.

    Raises:
        Unavailable: not a single row is as the mapping says, or it is no table at all.
    """
    try:
        rows = mapping.rows_of(content)
    except BadRow as fault:
        raise Unavailable(fault.message) from fault
    for name in mapping.absent(rows):
        sink.complain(f"no column {name}")
    found: list[Mapped] = []
    why = ""
    for number, row in enumerate(rows):
        try:
            found.append(mapping.mapped(row))
        except BadRow as fault:
            why = f"row {number}: {fault.message}"
            sink.complain(why)
    if rows and not found:
        raise Unavailable(why)
    return found
