"""How real data loggers bend the standard: every bend has a name, is accepted and is counted.

The names are told with each frame; strict decoding refuses them all. What is bent is put right
by `items.data_of`, never here: a frame keeps its text as sent.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from plume.hj212 import codes
from plume.hj212.moments import moment

MOST_DATA_BYTES = 1024
MOST_NAME = 64
"""Longest name of a parameter [characters]; the standard's own have at most 20."""
NAMES = (
    "lower_case_crc",
    "missing_crlf",
    "literal_line_end",
    "data_over_1024",
    "single_ampersand",
    "missing_qn",
    "missing_flag",
    "qn_digits",
    "pw_length",
    "mn_form",
    "header_order",
    "pno_before_pnum",
    "zero_padded_packet_number",
    "pnum_without_flag",
    "flag_without_pnum",
    "rf_zero",
    "unknown_field",
    "comma_in_header",
    "spaces_in_header",
    "missing_semicolon_before_cp",
    "unknown_st",
    "unknown_cn",
    "gb18030_text",
    "spaces_in_cp",
    "trailing_semicolon",
    "empty_item",
    "comma_after_datatime",
    "comma_after_begintime",
    "comma_between_items",
    "semicolon_within_item",
    "datatime_digits",
    "missing_datatime",
    "attribute_case",
    "unknown_attribute",
    "unknown_parameter",
    "factor_without_medium_letter",
    "code_case",
    "code_2005",
    "unknown_code",
    "duplicate_item",
    "empty_value",
    "not_a_number",
    "unknown_flag",
)
_RANK = {name: rank for rank, name in enumerate(NAMES)}

TOKEN = re.compile(r"([^=;,]+)=(//.*?//(?=\s*(?:[;,]|\Z))|[^;,]*)([;,]?)", re.DOTALL)
"""One `name=value` and what separates it from the next; a log between `//` may hold anything."""
NUMBER = re.compile(r"-?[0-9]{1,15}+(?:\.[0-9]{1,15}+)?+")
"""A decimal as an instrument prints it: no exponent, no underscore, no nan, no infinity."""
_NUMBERS = re.compile(rf"{NUMBER.pattern}(?:,{NUMBER.pattern})*")
_FLAGS = frozenset("NFMSDCTB")
_TIMES = frozenset({"DataTime", "BeginTime", "EndTime"})
_TIME_DIGITS = 14
_DATA = frozenset({"2011", "2013", "2021", "2031", "2041", "2051", "2052", "2061", "2062", "2111"})


class Header(Protocol):
    """What must be known of the header to judge the parameters."""

    @property
    def st(self) -> str:
        """The system code."""

    @property
    def cn(self) -> str:
        """The command code."""


class Shape(NamedTuple):
    """What can be said of parameters from their names alone; positions of checked values."""

    warnings: tuple[str, ...]
    numbers: tuple[int, ...]
    flags: tuple[int, ...]
    times: tuple[int, ...]


def in_order(warnings: Sequence[str]) -> tuple[str, ...]:
    """Give each name once, in the order of NAMES."""
    if not warnings:
        return ()
    return tuple(sorted(set(warnings), key=_RANK.__getitem__))


def text_of(parameters: bytes, warnings: list[str]) -> str:
    """Read the text: UTF-8, else GB 18030 (data loggers of the 2005 edition).

    Raises:
        ValueError: it is neither, or holds a control character.
    """
    try:
        text = parameters.decode()
    except UnicodeDecodeError:
        text = parameters.decode("gb18030")
        warnings.append("gb18030_text")
    if not text.isprintable() and any(ord(letter) < ord(" ") for letter in text):
        raise ValueError("control character in CP")
    return text


def is_text(parameters: bytes) -> bool:
    """Whether deciphered parameters can be what was enciphered."""
    try:
        text = text_of(parameters, [])
    except ValueError:
        return False
    return not text or "=" in text


def tokens(cp: str) -> list[tuple[str, str, str]]:
    """Split parameters into (name, value, separator).

    Raises:
        ValueError: something is no `name=value`.
    """
    found: list[tuple[str, str, str]] = TOKEN.findall(cp)
    return found if _cover(found, cp) else _patched(cp)


def _cover(found: Sequence[tuple[str, str, str]], cp: str) -> bool:
    """Whether these are all of the parameters, with nothing between them."""
    return sum(map(len, map("".join, found))) + len(found) == len(cp)


def _patched(cp: str) -> list[tuple[str, str, str]]:
    """Split parameters with empty items (`;;`) among them."""
    found: list[tuple[str, str, str]] = []
    at = 0
    while at < len(cp):
        match = TOKEN.match(cp, at)
        if match:
            found.append((match[1], match[2], match[3]))
            at = match.end()
        elif cp[at] in " ;,":
            at += 1
        else:
            raise ValueError(f"no name=value at {cp[at : at + 20]!r}")
    return found


def inspect(cp: str, head: Header, warnings: list[str]) -> None:
    """Add the dialects of the parameters to `warnings`.

    Raises:
        ValueError: not a list of `name=value`, or a time that does not exist.
    """
    if "&&" in cp and "//" not in cp:
        raise ValueError("&& within CP")
    found = tokens(cp)
    if found:
        names, values, separators = zip(*found, strict=True)
        shape = shape_of(head.st, names, separators)
        warnings += shape.warnings
        _note_values(values, shape, warnings)
        if head.cn in _DATA and not shape.times:
            warnings.append("missing_datatime")
    if not _cover(found, cp):
        warnings.append("empty_item")


def _note_values(values: Sequence[str], shape: Shape, warnings: list[str]) -> None:
    numbers = [values[at] for at in shape.numbers]
    if numbers and not _NUMBERS.fullmatch(",".join(numbers)):
        warnings += [name for text in numbers if (name := _odd_number(text))]
    if not _FLAGS.issuperset([values[at] for at in shape.flags]):
        warnings += [name for at in shape.flags if (name := _odd_flag(values[at]))]
    for at in shape.times:
        _check_time(values[at], warnings)
    if not shape.numbers and any(text != text.strip() for text in values):
        warnings.append("spaces_in_cp")


def _odd_number(text: str) -> str:
    if NUMBER.fullmatch(text):
        return ""
    if not text.strip():
        return "empty_value"
    return "spaces_in_cp" if NUMBER.fullmatch(text.strip()) else "not_a_number"


def _odd_flag(text: str) -> str:
    if text in _FLAGS:
        return ""
    return "spaces_in_cp" if text.strip() in _FLAGS else "unknown_flag"


def _check_time(text: str, warnings: list[str]) -> None:
    digits = text.strip()
    if len(digits) != _TIME_DIGITS:
        warnings.append("datatime_digits")
    if digits != text:
        warnings.append("spaces_in_cp")
    moment(digits)


@lru_cache(maxsize=1024)
def shape_of(st: str, names: tuple[str, ...], separators: tuple[str, ...]) -> Shape:
    """Judge the names and separators of parameters; data loggers repeat theirs for years.

    Raises:
        ValueError: a name is longer than any could be; it would be a key further on.
    """
    plain = _plain(names)
    warnings = ["spaces_in_cp"] if plain != names else []
    warnings += _separator_dialects(plain, separators)
    if len(set(plain)) != len(plain):
        warnings.append("duplicate_item")
    numbers, flags = [], []
    for at, name in enumerate(plain):
        code, dash, attribute = name.partition("-")
        if not dash:
            warnings += codes.parameter_dialects(name)
            continue
        warnings += codes.code_dialects(code, st)
        warnings += codes.attribute_dialects(attribute)
        known = codes.attribute(attribute)
        if known == "Flag":
            flags.append(at)
        elif known in codes.NUMERIC and not code.startswith("p"):
            numbers.append(at)
    times = tuple(at for at, name in enumerate(plain) if codes.parameter(name) in _TIMES)
    return Shape(in_order(warnings), tuple(numbers), tuple(flags), times)


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    plain = tuple(name.strip() for name in names)
    if max(map(len, plain)) > MOST_NAME:
        raise ValueError(f"a name of more than {MOST_NAME} characters in CP")
    return plain


def _separator_dialects(names: tuple[str, ...], separators: tuple[str, ...]) -> list[str]:
    warnings = ["trailing_semicolon"] if separators[-1] else []
    for name, separator, after in zip(names, separators, names[1:], strict=False):
        if name in _TIMES and separator == ",":
            known = {"DataTime": "comma_after_datatime", "BeginTime": "comma_after_begintime"}
            warnings.append(known.get(name, "comma_between_items"))
        elif separator == "," and _code(name) != _code(after):
            warnings.append("comma_between_items")
        elif separator == ";" and "-" in name and _code(name) == _code(after):
            warnings.append("semicolon_within_item")
    return warnings


def _code(name: str) -> str:
    return name.partition("-")[0]
