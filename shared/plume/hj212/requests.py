"""What a command asks of a data logger, in the words of HJ 212: CN and parameters.

The arguments of each kind, as they stand in a command (plain JSON; times with their offset):

* `read_time`: `factor` (an analyser's own clock) or nothing
* `set_time`: `factor` or nothing; `at` or nothing (then the time of sending)
* `read_interval`: `which`, "realTime" or "minute", or nothing (then both)
* `set_interval`: `realTime` [s], `minute` [min], or both
* `set_password`: `password`, six letters and digits
* `fetch_history`: `cn` (2011, 2031, 2051, 2061), `begin`, `end`: DataTime in `[begin, end]`
* `real_time`: `on`
* `calibrate`: `factor`; `type`, "zero" or "span", or nothing (2017 knows none)
* `sample_now`: `factor`
* `read_site_info`: `info`, an i-code; `factor`, `begin`, `end` or nothing
* `set_parameter`: `info`, `value`; `factor` or nothing
* `set_mn`: `serial`, what the data logger called itself by CN 1001
* `set_cipher_key`: `key`, 32 hexadecimal digits
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from plume.errors import Refused
from plume.hj212.moments import written
from plume.model.command import CommandKind

Arguments = Mapping[str, object]

HISTORY = ("2011", "2031", "2051", "2061")
LEAST_REAL_TIME, MOST_REAL_TIME = 30, 3600
"""RtdInterval [s] (HJ 212-2017, table 4)."""
MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
"""MinInterval [min] (HJ 212-2017, table 4)."""
MN = re.compile(r"[0-9A-F]{24}")
_CODE = re.compile(r"[A-Za-z0-9]{2,8}")
_INFO = re.compile(r"[iI][0-9]{5}")
_PASSWORD = re.compile(r"[0-9A-Za-z]{6}")
_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_SERIAL = re.compile(r"[0-9A-Za-z_.\-]{1,40}")
_VALUE = re.compile(r"[^;,=&\x00-\x1f]{1,200}")
_CALIBRATIONS = {"zero": "0", "span": "1"}


class BadArguments(Refused):
    """A command lacks an argument, or has one that cannot be; `pointer` names it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a data logger.

    A `notice` is answered by 9013 alone; any other by 9011, data if there are any, and 9012.
    `span` holds the DataTime asked for, ends included, of a request for history. `secret`
    parameters are enciphered where the data logger has a key, and are never shown.
    """

    cn: str
    cp: str
    notice: bool = False
    span: tuple[datetime, datetime] | None = None
    secret: bool = False


def requests_of(kind: CommandKind, arguments: Arguments, now: datetime) -> tuple[Request, ...]:
    """Give the requests that carry out a command, in order.

    Args:
        kind: any kind that goes on to a data logger, but SET_MN, which `naming` words.
        arguments: of the command.
        now: the time of sending, aware.

    Raises:
        BadArguments: one is missing, malformed or out of the range of the standard.

    Source:
        HJ 212-2017, table 9 and annex C; HJ 212-2025, annex C.
    """
    wording = _WORDINGS.get(kind)
    if wording is None:
        raise BadArguments(f"{kind} is no request to a data logger", pointer="kind")
    return wording(arguments, now)


def naming(mn: str) -> Request:
    """Give the MN to a data logger that has none yet (CN 1002).

    Source:
        HJ 212-2025, CN 1002; that the MN stands in i23005-Info, as in CN 1001, is our choice.
    """
    if not MN.fullmatch(mn):
        raise BadArguments(f"mn: {mn!r} is not 24 digits 0-9 A-F", pointer="mn")
    return Request("1002", f"i23005-Info={mn}")


def serial_of(arguments: Arguments) -> str:
    """Read the serial that SET_MN is meant for."""
    return _text(arguments, "serial", _SERIAL)


def password_of(arguments: Arguments) -> str:
    """Read the new PW of SET_PASSWORD."""
    return _text(arguments, "password", _PASSWORD)


def key_of(arguments: Arguments) -> bytes:
    """Read the new SM4 key of SET_CIPHER_KEY [16 bytes]."""
    return bytes.fromhex(_text(arguments, "key", _KEY))


def _read_time(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    return (Request("1011", _parameters(_factor(given))),)


def _set_time(given: Arguments, now: datetime) -> tuple[Request, ...]:
    at = _time(given, "at") or now
    return (Request("1012", _parameters(_factor(given), f"SystemTime={written(at)}")),)


def _read_interval(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    both = {"realTime": Request("1061", ""), "minute": Request("1063", "")}
    which = given.get("which")
    if which is None:
        return tuple(both.values())
    if not isinstance(which, str) or which not in both:
        raise BadArguments(f"which: {which!r} is none of {[*both]}", pointer="which")
    return (both[which],)


def _set_interval(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    seconds, minutes = given.get("realTime"), given.get("minute")
    if seconds is None and minutes is None:
        raise BadArguments("neither realTime nor minute", pointer="realTime")
    found = []
    if seconds is not None:
        if not isinstance(seconds, int) or not LEAST_REAL_TIME <= seconds <= MOST_REAL_TIME:
            raise BadArguments(f"realTime: {seconds!r} is not 30 to 3600 s", pointer="realTime")
        found.append(Request("1062", f"RtdInterval={seconds}"))
    if minutes is not None:
        if minutes not in MINUTES:
            raise BadArguments(f"minute: {minutes!r} is none of {MINUTES}", pointer="minute")
        found.append(Request("1064", f"MinInterval={minutes}"))
    return tuple(found)


def _set_password(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    return (Request("1072", f"NewPW={password_of(given)}", secret=True),)


def _fetch_history(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    cn = given.get("cn")
    if cn not in HISTORY:
        raise BadArguments(f"cn: {cn!r} is none of {HISTORY}", pointer="cn")
    begin, end = _needed_time(given, "begin"), _needed_time(given, "end")
    if end < begin:
        raise BadArguments("end lies before begin", pointer="end")
    return (history(str(cn), begin, end),)


def history(cn: str, begin: datetime, end: datetime) -> Request:
    """Ask for the data of one kind whose DataTime lies in `[begin, end]`."""
    return Request(cn, _span(begin, end), span=(begin, end))


def _real_time(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    on = given.get("on")
    if not isinstance(on, bool):
        raise BadArguments(f"on: {on!r} is neither true nor false", pointer="on")
    return (Request("2011", "") if on else Request("2012", "", notice=True),)


def _calibrate(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    factor = f"PolId={_text(given, 'factor', _CODE)}"
    kind = given.get("type")
    if kind is None:
        return (Request("3011", factor),)
    if not isinstance(kind, str) or kind not in _CALIBRATIONS:
        raise BadArguments(f"type: {kind!r} is none of {[*_CALIBRATIONS]}", pointer="type")
    return (Request("3011", f"{factor};CalibrationType={_CALIBRATIONS[kind]}"),)


def _sample_now(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    return (Request("3012", f"PolId={_text(given, 'factor', _CODE)}"),)


def _read_site_info(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    begin, end = _time(given, "begin"), _time(given, "end")
    span = _span(begin, end) if begin and end else ""
    info = f"InfoId={_text(given, 'info', _INFO)}"
    return (Request("3020", _parameters(_factor(given), info, span)),)


def _set_parameter(given: Arguments, now: datetime) -> tuple[Request, ...]:
    del now
    info, value = _text(given, "info", _INFO), _text(given, "value", _VALUE)
    return (
        Request("3021", _parameters(_factor(given), f"InfoId={info}", f"{info}-Info={value}")),
    )


def _set_cipher_key(given: Arguments, now: datetime) -> tuple[Request, ...]:
    key = key_of(given).hex().upper()
    return (Request("1014", f"SKCreateTime={written(now)};NewSK={key}", secret=True),)


_WORDINGS: Mapping[CommandKind, Callable[[Arguments, datetime], tuple[Request, ...]]] = {
    CommandKind.READ_TIME: _read_time,
    CommandKind.SET_TIME: _set_time,
    CommandKind.READ_INTERVAL: _read_interval,
    CommandKind.SET_INTERVAL: _set_interval,
    CommandKind.SET_PASSWORD: _set_password,
    CommandKind.FETCH_HISTORY: _fetch_history,
    CommandKind.REAL_TIME: _real_time,
    CommandKind.CALIBRATE: _calibrate,
    CommandKind.SAMPLE_NOW: _sample_now,
    CommandKind.READ_SITE_INFO: _read_site_info,
    CommandKind.SET_PARAMETER: _set_parameter,
    CommandKind.SET_CIPHER_KEY: _set_cipher_key,
}


def _parameters(*parts: str) -> str:
    return ";".join(part for part in parts if part)


def _span(begin: datetime, end: datetime) -> str:
    return f"BeginTime={written(begin)};EndTime={written(end)}"


def _factor(given: Arguments) -> str:
    return f"PolId={_text(given, 'factor', _CODE)}" if "factor" in given else ""


def _text(given: Arguments, name: str, form: re.Pattern[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadArguments(f"{name} is missing or malformed", pointer=name)
    return value


def _needed_time(given: Arguments, name: str) -> datetime:
    at = _time(given, name)
    if at is None:
        raise BadArguments(f"{name} is missing", pointer=name)
    return at


def _time(given: Arguments, name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadArguments(f"{name}: {text!r} is no time with its offset", pointer=name)
    return at
