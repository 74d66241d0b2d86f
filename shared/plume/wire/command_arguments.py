"""What each kind of command brings along: plain JSON, checked here, read by the edge.

Times are text, ISO 8601 with an offset. `factor` is a code of HJ 524 / HJ 525 (PolId), `info` a
code of site information (InfoId).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.errors import Refused
from plume.model.command import CommandKind
from plume.model.outlet import Name

MOST_HISTORY = timedelta(days=31)
MOST_CLIP = timedelta(minutes=15)
"""A clip is 5 minutes before to 10 minutes after what happened."""
REAL_TIME_INTERVALS = (30, 3600)
"""RtdInterval [s]. Source: HJ 212-2017, table 4."""
MINUTE_INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
"""MinInterval [min]. Source: HJ 212-2017, table 4."""
MOST_PARAMETER_LENGTH = 890
"""Bytes of one Info in a frame stay below this. Source: HJ 212-2017, table 4."""

Arguments = dict[str, object]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its name, when a value is right, and what is said when it is not."""

    name: str
    holds: Callable[[object], bool]
    must: Name
    optional: bool = False


def checked_arguments(kind: CommandKind, given: Mapping[str, object]) -> Arguments:
    """Give the arguments of a command as they go down.

    Raises:
        Refused: one is missing, unknown or wrong; the pointer names it.
    """
    known = {argument.name: argument for argument in ARGUMENTS[kind]}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise _bad(name[:40], Name(f"不是此命令的参数, 可用: {listed}", f"known: {listed}"))
    for argument in known.values():
        if not argument.optional and given.get(argument.name) is None:
            raise _bad(argument.name, Name("不能为空", "is missing"))
        value = given.get(argument.name)
        if value is not None and not argument.holds(value):
            raise _bad(argument.name, argument.must)
    found = {name: value for name, value in given.items() if value is not None}
    _check_together(kind, found)
    return found


def _check_together(kind: CommandKind, found: Arguments) -> None:
    if kind is CommandKind.SET_INTERVAL:
        _check_interval(found)
    if kind in _SPANS:
        first, last, longest = _SPANS[kind]
        since, until = (datetime.fromisoformat(str(found[name])) for name in (first, last))
        if not timedelta(0) < until - since <= longest:
            hours = longest / timedelta(hours=1)
            says = Name(
                f"应晚于 {first}, 且最长 {hours:g} 小时",
                f"must come after {first}, by {hours:g} hours at most",
            )
            raise _bad(last, says)


def _check_interval(found: Arguments) -> None:
    interval = found["interval"]
    least, most = REAL_TIME_INTERVALS
    if found["series"] == "realtime":
        right = isinstance(interval, int) and least <= interval <= most
        says = Name(f"应为 {least} 到 {most} 秒", f"must be {least} to {most} seconds")
    else:
        right = interval in MINUTE_INTERVALS
        listed = ", ".join(map(str, MINUTE_INTERVALS))
        says = Name(f"应为 {listed} 分钟之一", f"must be one of {listed} minutes")
    if not right:
        raise _bad("interval", says)


_SPANS = {
    CommandKind.FETCH_HISTORY: ("begin", "end", MOST_HISTORY),
    CommandKind.CLIP: ("start", "end", MOST_CLIP),
}


def _bad(name: str, must: Name) -> Refused:
    shown = name if name.isascii() and name.isprintable() else "argument"
    pointer = f"/arguments/{shown}"
    return Refused(f"{shown} {must.en}", zh=f"参数 {shown} {must.zh}", pointer=pointer)


def _text(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in words


def _time(name: str, *, optional: bool = False) -> Argument:
    must = Name("应为带时区的时间", "must be a time with an offset")
    return Argument(name, _moment, must, optional)


def _series(*words: str) -> Argument:
    listed = ", ".join(words)
    must = Name(f"应为以下之一: {listed}", f"must be one of {listed}")
    return Argument("series", _one_of(*words), must)


_FACTOR = Argument(
    "factor", _text(r"[0-9A-Za-z]{3,12}"), Name("应为因子编码", "must be a factor code")
)
_ANY_FACTOR = Argument("factor", _FACTOR.holds, _FACTOR.must, optional=True)
_INFO = Argument(
    "info", _text(r"i[0-9A-Za-z]{5}"), Name("应为 i 开头的信息编码", "must be i.....")
)
_CAMERA = Argument("camera", _text(r"[\w-]{1,64}"), Name("应为摄像头编号", "must name a camera"))
_SWITCH = Argument(
    "on", lambda value: isinstance(value, bool), Name("应为真或假", "must be true or false")
)

ARGUMENTS: dict[CommandKind, tuple[Argument, ...]] = {
    CommandKind.READ_TIME: (_ANY_FACTOR,),
    CommandKind.SET_TIME: (_ANY_FACTOR, _time("time", optional=True)),
    CommandKind.READ_INTERVAL: (_series("realtime", "minute"),),
    CommandKind.SET_INTERVAL: (
        _series("realtime", "minute"),
        Argument("interval", _whole, Name("应为整数", "must be a whole number")),
    ),
    CommandKind.SET_PASSWORD: (
        Argument(
            "password",
            _text(r"[0-9A-Za-z]{6}"),
            Name("应为 6 位字母或数字", "must be 6 letters or digits"),
        ),
    ),
    CommandKind.FETCH_HISTORY: (
        _series("realtime", "minute", "hour", "day"),
        _time("begin"),
        _time("end"),
    ),
    CommandKind.REAL_TIME: (_SWITCH,),
    CommandKind.CALIBRATE: (_FACTOR,),
    CommandKind.SAMPLE_NOW: (_FACTOR,),
    CommandKind.READ_SITE_INFO: (
        _FACTOR,
        _INFO,
        _time("begin", optional=True),
        _time("end", optional=True),
    ),
    CommandKind.SET_PARAMETER: (
        _FACTOR,
        _INFO,
        Argument(
            "value",
            lambda value: (
                isinstance(value, str)
                and 0 < len(value.encode()) < MOST_PARAMETER_LENGTH
                and not re.search(r"[;,=&\r\n]", value)
            ),
            Name("应为不含 ; , = & 的文本", "must be text without ; , = &"),
        ),
    ),
    CommandKind.SET_MN: (
        Argument(
            "mn",
            _text(r"[0-9A-Z]{14,24}"),
            Name("应为 14 到 24 位大写字母或数字", "must be 14 to 24 capitals or digits"),
        ),
    ),
    CommandKind.SET_CIPHER_KEY: (
        Argument(
            "key",
            _text(r"[0-9A-Fa-f]{32}"),
            Name("应为 32 位十六进制 (SM4 密钥)", "must be 32 hexadecimal digits (SM4)"),
        ),
    ),
    CommandKind.SNAPSHOT: (_CAMERA,),
    CommandKind.CLIP: (_CAMERA, _time("start"), _time("end")),
    CommandKind.LIVE: (_CAMERA, _SWITCH),
    CommandKind.RELOAD: (),
}
"""Without `factor`, READ_TIME and SET_TIME mean the logger's own clock; without `time`, SET_TIME
sets it to the edge's clock at the moment of sending. `interval` is in s (realtime) or min."""

SECRET_ARGUMENTS = frozenset({"password", "key"})
"""Never shown again."""
