"""The onboarding sheet as an Excel file: read, made empty, or given back with faults marked."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
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
_AGAIN = Name("密钥不回显，请重新填写", "keys are not given back; fill it in again")
_FAULTY = PatternFill("solid", fgColor="F9DEDC")
_CHOICES = {
    Column.ATTENTION: ("国控", "省控", "市控", "其他"),
    Column.ST: ("31", "32"),
}


class BadSheet(Refused):
    """The file is no onboarding sheet."""


def rows_of(content: bytes) -> list[SheetRow]:
    """Read a sheet: columns by their Chinese or English heading, in any order.

    Empty rows are left out. Numbers are read as they are typed: 31, not 31.0.

    Raises:
        BadSheet: no Excel file, too large, or a column is missing; the message names it.
    """
    sheet = _first_sheet(content)
    rows = sheet.iter_rows(values_only=True)
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
        if column in SECRET:
            dimension.number_format = _AS_TEXT
    sheet.freeze_panes = "A2"


def _first_sheet(content: bytes) -> Any:  # noqa: ANN401, untyped library
    if len(content) > MOST_BYTES:
        raise BadSheet(f"{len(content)} bytes, {MOST_BYTES} allowed", zh="文件过大")
    try:
        with ZipFile(BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED_BYTES:
            raise BadSheet(f"unfolds to {unpacked} bytes", zh="文件解压后过大")
        return load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
    except (BadZipFile, KeyError, ValueError, IndexError, OSError, TypeError, EOFError) as fault:
        raise BadSheet(f"no Excel file: {fault}", zh="不是有效的Excel文件（.xlsx）") from fault


def _places(headings: Sequence[object]) -> dict[Column, int]:
    said = {str(heading or "").strip(): at for at, heading in enumerate(headings)}
    places: dict[Column, int] = {}
    for column in Column:
        name = HEADINGS[column]
        at = said.get(name.zh, said.get(name.en))
        if at is None and column not in OPTIONAL:
            raise BadSheet(f"no column {name.zh}", zh=f"缺少列“{name.zh}”")
        places[column] = -1 if at is None else at
    return places


def _text(cells: Sequence[object], at: int) -> str:
    value = cells[at] if 0 <= at < len(cells) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()
