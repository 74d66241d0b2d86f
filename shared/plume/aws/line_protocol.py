"""Columns as line protocol: one `%` template per pattern of presence, no object per point."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plume.errors import Refused
from plume.model.telemetry import Columns, is_channel

FLAG_SUFFIX = "_flag"
SUBJECT_TAG = "subject"
_SUBJECT = re.compile(r"[\w.:#@\-]{1,256}")


def lines_of(columns: Columns) -> bytes:
    """Write columns as lines with times in milliseconds, one line per row that says anything.

    NaN, infinity and the flag 0 are not said.

    Raises:
        Refused: a channel code or the subject holds a character that is none of a name.
    """
    prefix = f"{columns.table.value},{SUBJECT_TAG}={required_subject(columns.subject)} "
    names = [f"{required_code(code)}=%r" for code in columns.values]
    names += [f"{required_code(code)}{FLAG_SUFFIX}=%di" for code in columns.flags]
    fields: list[NDArray[Any]] = [*columns.values.values(), *columns.flags.values()]
    said = [np.isfinite(each) for each in columns.values.values()]
    said += [each != 0 for each in columns.flags.values()]
    if not len(columns.times) or not fields:
        return b""
    parts = (
        _written(prefix, [n for n, p in zip(names, pattern, strict=True) if p], rows)
        for pattern, rows in _by_pattern(np.stack(said), fields, columns.times)
    )
    return "".join(parts).encode()


def required_code(code: str) -> str:
    """Give the code back if it can be a field of the store.

    Raises:
        Refused: it cannot.
    """
    if not is_channel(code):
        raise Refused(f"not a channel code: {code!r}", pointer="channels")
    return code


def required_subject(subject: str) -> str:
    """Give the subject back if it can be a tag value.

    Raises:
        Refused: it cannot.
    """
    if not _SUBJECT.fullmatch(subject):
        raise Refused(f"not a subject: {subject!r}", pointer="subject")
    return subject


def _by_pattern(
    said: NDArray[np.bool_], fields: list[NDArray[Any]], times: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.bool_], list[list[object]]]]:
    """Yield each pattern of presence with its columns, the times last."""
    packed = np.packbits(said, axis=0).T
    patterns, which = np.unique(packed, axis=0, return_inverse=True)
    for number in range(len(patterns)):
        rows = np.flatnonzero(which.reshape(-1) == number)
        pattern = said[:, rows[0]]
        if pattern.any():
            shown = [
                each[rows].tolist() for each, here in zip(fields, pattern, strict=True) if here
            ]
            yield pattern, [*shown, times[rows].tolist()]


def _written(prefix: str, names: list[str], columns: list[list[object]]) -> str:
    template = f"{prefix}{','.join(names)} %d\n"
    return "".join([template % row for row in zip(*columns, strict=True)])
