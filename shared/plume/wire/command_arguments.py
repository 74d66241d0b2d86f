"""What each kind of command brings along: plain JSON, checked here, read by the edge.

Times are text, ISO 8601 with an offset. `factor` is a code of HJ 524 / HJ 525 (PolId), `info` a
code of site information (InfoId), `cn` the CN of the data asked for. What goes on to a data logger
is worded in HJ 212 on site, from the same arguments.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

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
HISTORY = ("2011", "2031", "2051", "2061")

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
    if kind is CommandKind.SET_INTERVAL and not found:
        raise _bad("realTime", Name("与 minute 至少填一项", "or minute must be said"))
    if kind in _SPANS:
        first, last, longest = _SPANS[kind]
        since, until = (datetime.fromisoformat(str(found[name])) for name in (first, last))
        if not timedelta(0) <= until - since <= longest:
            hours = longest / timedelta(hours=1)
            says = Name(
                f"不应早于 {first}, 且最长 {hours:g} 小时",
                f"must not lie before {first}, nor more than {hours:g} hours after it",
            )
            raise _bad(last, says)


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


def _words(name: str, *words: str, optional: bool = False) -> Argument:
    listed = ", ".join(words)
    must = Name(f"应为以下之一: {listed}", f"must be one of {listed}")
    return Argument(name, _one_of(*words), must, optional)


def _time(name: str, *, optional: bool = False) -> Argument:
    must = Name("应为带时区的时间", "must be a time with an offset")
    return Argument(name, _moment, must, optional)


_FACTOR = Argument(
    "factor", _text(r"[0-9A-Za-z]{2,8}"), Name("应为因子编码", "must be a factor code")
)
_ANY_FACTOR = Argument("factor", _FACTOR.holds, _FACTOR.must, optional=True)
_INFO = Argument(
    "info", _text(r"i[0-9A-Za-z]{5}"), Name("应为 i 开头的信息编码", "must be i.....")
)
_CAMERA = Argument("camera", _text(r"[\w-]{1,64}"), Name("应为摄像头编号", "must name a camera"))
_SWITCH = Argument(
    "on", lambda value: isinstance(value, bool), Name("应为真或假", "must be true or false")
)

_LEAST, _MOST = REAL_TIME_INTERVALS
_REAL_TIME = Argument(
    "realTime",
    lambda value: _whole(value) and _LEAST <= cast("int", value) <= _MOST,
    Name(f"应为 {_LEAST} 到 {_MOST} 秒", f"must be {_LEAST} to {_MOST} seconds"),
    optional=True,
)
_MINUTE = Argument(
    "minute",
    lambda value: _whole(value) and value in MINUTE_INTERVALS,
    Name(
        f"应为 {', '.join(map(str, MINUTE_INTERVALS))} 分钟之一",
        f"must be one of {', '.join(map(str, MINUTE_INTERVALS))} minutes",
    ),
    optional=True,
)
_PASSWORD = Argument(
    "password",
    _text(r"[0-9A-Za-z]{6}"),
    Name("应为 6 位字母或数字", "must be 6 letters or digits"),
)
_VALUE = Argument(
    "value",
    _text(r"[^;,=&\x00-\x1f]{1,200}"),
    Name("应为不含 ; , = & 的文本, 最长 200 字", "must be up to 200 characters without ; , = &"),
)
_SERIAL = Argument(
    "serial",
    _text(r"[0-9A-Za-z_.\-]{1,40}"),
    Name("应为数采仪上报的硬件序列号", "must be the serial that the logger told"),
)
_KEY = Argument(
    "key",
    _text(r"[0-9A-Fa-f]{32}"),
    Name("应为 32 位十六进制 (SM4 密钥)", "must be 32 hexadecimal digits (SM4)"),
)

ARGUMENTS: dict[CommandKind, tuple[Argument, ...]] = {
    CommandKind.READ_TIME: (_ANY_FACTOR,),
    CommandKind.SET_TIME: (_ANY_FACTOR, _time("at", optional=True)),
    CommandKind.READ_INTERVAL: (_words("which", "realTime", "minute", optional=True),),
    CommandKind.SET_INTERVAL: (_REAL_TIME, _MINUTE),
    CommandKind.SET_PASSWORD: (_PASSWORD,),
    CommandKind.FETCH_HISTORY: (_words("cn", *HISTORY), _time("begin"), _time("end")),
    CommandKind.REAL_TIME: (_SWITCH,),
    CommandKind.CALIBRATE: (_FACTOR, _words("type", "zero", "span", optional=True)),
    CommandKind.SAMPLE_NOW: (_FACTOR,),
    CommandKind.READ_SITE_INFO: (
        _INFO,
        _ANY_FACTOR,
        _time("begin", optional=True),
        _time("end", optional=True),
    ),
    CommandKind.SET_PARAMETER: (_INFO, _VALUE, _ANY_FACTOR),
    CommandKind.SET_MN: (_SERIAL,),
    CommandKind.SET_CIPHER_KEY: (_KEY,),
    CommandKind.SNAPSHOT: (_CAMERA,),
    CommandKind.CLIP: (_CAMERA, _time("start"), _time("end")),
    CommandKind.LIVE: (_CAMERA, _SWITCH),
    CommandKind.RELOAD: (),
    CommandKind.LAW: (),
}
"""Without `factor`, READ_TIME and SET_TIME mean the logger's own clock; without `at`, SET_TIME
sets it to the edge's clock at the moment of sending. `realTime` in s, `minute` in min. SET_MN
gives the outlet's MN to the logger that calls itself `serial` (CN 1001)."""

SECRET_ARGUMENTS = frozenset({"password", "key"})
"""Never shown again."""
