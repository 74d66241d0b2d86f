"""The onboarding sheet as an Excel file: read, made empty, or given back with faults marked."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from plume.errors import Refused
from plume.model.limit_set import limit_sets
from plume.model.onboarding import HEADINGS, OPTIONAL, SECRET, Column, Fault, SheetRow
from plume.model.outlet import Name

MOST_BYTES = 4 << 20
MOST_UNPACKED_BYTES = 64 << 20
"""A sheet of 500 outlets is 60 KB; one that claims to unfold further than this is refused."""
MOST_ROWS = 5_000
_TITLE = "排口登记"
_WIDTH = 18
_AS_TEXT = "@"
"""Excel would make a number of digits alone: no leading zeros, and fifteen places at most."""
_TYPED_AS_TEXT = SECRET | {Column.MN, Column.SERIAL, Column.ENTERPRISE_ID, Column.OUTLET_ID}
_AGAIN = Name("密钥不回显，请重新填写", "keys are not given back; fill it in again")
_MOST_EXACT = 10**15
"""A number beyond so many digits is no longer the one that was typed: Excel keeps fifteen."""
_UNREADABLE = (
    BadZipFile, zlib.error, ParseError, KeyError, ValueError, IndexError, OSError, TypeError,
    EOFError, AttributeError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What the libraries say of a file that is damaged, enciphered, or of another kind."""
_FAULTY = PatternFill("solid", fgColor="F9DEDC")
_CHOICES = {
    Column.ATTENTION: ("国控", "省控", "市控", "其他"),
    Column.ST: ("31", "32"),
}


class BadSheet(Refused):
    """The file is no onboarding sheet."""


def rows_of(content: bytes) -> list[SheetRow]:
    """Read a sheet: columns by their Chinese or English heading, in any order.

    Of several sheets it is the one with the most of our headings. Empty rows are left out. Numbers
    are read as they are typed: 31, not 31.0.

    Raises:
        BadSheet: no Excel file, too large, or a column is missing; the message names it.
    """
    with _told_when_unreadable():
        rows = _registrations(content)
        places = _places(next(rows, ()))
        found = []
        for number, cells in enumerate(rows, start=2):
            row = SheetRow(number, {column: _text(cells, at) for column, at in places.items()})
            if any(row.cells.values()):
                found.append(row)
            if len(found) > MOST_ROWS:
                raise BadSheet(f"more than {MOST_ROWS} rows", zh=f"超过{MOST_ROWS}行")
    if not found:
        raise BadSheet("no rows", zh="表中没有数据行")
    return found


def template() -> bytes:
    """Make an empty sheet with its headings, explanations and choices."""
    book = Workbook()
    sheet = book.active
    sheet.title = _TITLE
    _head(sheet)
    sets = tuple(one.name.zh for one in limit_sets().values())
    for column, choices in {**_CHOICES, Column.LIMITS: sets}.items():
        rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
        letter = get_column_letter(list(Column).index(column) + 1)
        rule.add(f"{letter}2:{letter}{MOST_ROWS}")
        sheet.add_data_validation(rule)
    return _saved(book)


def marked(rows: Sequence[SheetRow], faults: Iterable[Fault]) -> bytes:
    """Make the sheet again with each fault as a comment on its cell, to be mended.

    Keys are not given back: their cells are empty, and say that they are to be filled in again.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = _TITLE
    _head(sheet)
    columns = list(Column)
    line_of = {row.number: line for line, row in enumerate(rows, start=2)}
    for row in rows:
        sheet.append([_given_back(row, column) for column in columns])
    kept_back = [
        Fault(row.number, Column.CIPHER_KEY, "", _AGAIN)
        for row in rows
        if row.cells[Column.CIPHER_KEY]
    ]
    for fault in (*kept_back, *faults):
        cell = sheet.cell(line_of[fault.row], columns.index(fault.column) + 1)
        cell.fill = _FAULTY
        cell.comment = Comment(f"{fault.says.zh}\n{fault.says.en}", "Plume")
    return _saved(book)


def _given_back(row: SheetRow, column: Column) -> str:
    return "" if column is Column.CIPHER_KEY else row.cells[column]


def _head(sheet: Any) -> None:  # noqa: ANN401, untyped library
    sheet.append([HEADINGS[column].zh for column in Column])
    for at, column in enumerate(Column, start=1):
        cell = sheet.cell(1, at)
        cell.font = Font(bold=column not in OPTIONAL)
        cell.comment = Comment(HEADINGS[column].en, "Plume")
        dimension = sheet.column_dimensions[get_column_letter(at)]
        dimension.width = _WIDTH
        if column in _TYPED_AS_TEXT:
            dimension.number_format = _AS_TEXT
    sheet.freeze_panes = "A2"


@contextmanager
def _told_when_unreadable() -> Iterator[None]:
    """Refuse what the libraries cannot read, which they notice as late as in the last row."""
    try:
        yield
    except _UNREADABLE as fault:
        raise BadSheet(f"no Excel file: {fault}", zh="不是有效的Excel文件（.xlsx）") from fault


def _registrations(content: bytes) -> Iterator[Sequence[object]]:
    """Give the rows of the sheet that is ours, its headings first."""
    if len(content) > MOST_BYTES:
        raise BadSheet(f"{len(content)} bytes, {MOST_BYTES} allowed", zh="文件过大")
    with ZipFile(BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_UNPACKED_BYTES:
        raise BadSheet(f"unfolds to {unpacked} bytes", zh="文件解压后过大")
    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    sheets = [sheet.iter_rows(values_only=True) for sheet in book.worksheets]
    heads = [tuple(next(rows, ())) for rows in sheets]
    ours = max(range(len(sheets)), key=lambda at: len(_places_said(heads[at])))
    yield heads[ours]
    yield from sheets[ours]


def _places(headings: Sequence[object]) -> dict[Column, int]:
    said = _places_said(headings)
    for column in Column:
        if column not in said and column not in OPTIONAL:
            name = HEADINGS[column]
            raise BadSheet(f"no column {name.zh}", zh=f"缺少列“{name.zh}”")
    return {column: said.get(column, -1) for column in Column}


def _places_said(headings: Sequence[object]) -> dict[Column, int]:
    """Give where the columns stand of which there is a heading."""
    said = {str(heading or "").strip(): at for at, heading in enumerate(headings)}
    places = {
        column: said.get(HEADINGS[column].zh, said.get(HEADINGS[column].en)) for column in Column
    }
    return {column: at for column, at in places.items() if at is not None}


def _text(cells: Sequence[object], at: int) -> str:
    """Read a cell; an MN or key that Excel made a number shows the digits it lost, as E+23."""
    value = cells[at] if 0 <= at < len(cells) else None
    if isinstance(value, int | float) and abs(value) >= _MOST_EXACT:
        return f"{value:.14E}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()
