"""What the collector must know: where to listen, and whom to believe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.source import Source
from edge_greengrass.settings import BadSettings, Settings, told_as_bad_settings

_Figures = TypeVar("_Figures")
MEBIBYTE = 1 << 20
SOURCES = "sources"
"""Under `home`: what sources remember across restarts."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One TCP port for data loggers; port 0 lets the system choose."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Station:
    """The data logger of one outlet (数采仪): its MN, its ST, its PW and its SM4 keys.

    The first key is the current one. `other_passwords` are believed too, during a change of PW.
    """

    outlet: str
    mn: str
    st: str
    password: str
    keys: tuple[bytes, ...] = ()
    other_passwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a peer may cost, so that none can starve the others.

    `idle` [s] lies above the longest real-time interval of HJ 212 (RtdInterval, 3600 s). `partial`
    [s] is for one frame from its first to its last byte. `drain` [s] is for reading our answers.
    A host may have `refusals` refused frames kept at once and `refusals_per_second` for ever.
    A connection may bring `frames` at once, enough for weeks of back-fill, and
    `frames_per_second` for ever; beyond that it is read more slowly, and nothing is lost.
    """

    connections: int = 1_000
    idle: float = 3_900.0
    partial: float = 60.0
    drain: float = 30.0
    refusals: int = 1_000
    refusals_per_second: float = 10.0
    frames: int = 50_000
    frames_per_second: float = 250.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a dialogue waits [s], and how often it sends a request again.

    `answer` and `resends` are OverTime and ReCount of HJ 212-2017, 6.2. `execution` runs from
    9011 and anew from each frame of data; its 120 s are our choice: the standard names none.
    """

    answer: float = 10.0
    resends: int = 3
    execution: float = 120.0


@dataclass(frozen=True, slots=True)
class Filling:
    """How missing data are asked for: of the last `days`, at most `most` DataTimes at once.

    Real-time data are for the curves of today; those from before `real_time_hours` are let be.

    A data logger that sends its own back-fill is left to it until it has been `quiet` [s], as is
    one whose data have had holes for less, for it may be about to. Between two questions it rests
    for `pause` [s]. With 0 days nothing is asked for.
    """

    days: int = 30
    real_time_hours: int = 24
    most: int = 144
    quiet: float = 120.0
    pause: float = 15.0


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of the collector's settings; `stations` by MN."""

    thing: str
    home: Path
    listeners: tuple[Listener, ...]
    stations: Mapping[str, Station]
    intake_bytes: int = 256 * MEBIBYTE
    health_seconds: float = 60.0
    bounds: Bounds = Bounds()
    patience: Patience = Patience()
    filling: Filling = Filling()
    sources: tuple[Source, ...] = ()
    telemetry_bytes: int = 256 * MEBIBYTE


def configuration(found: Settings) -> Configuration:
    """Read the settings.

    Raises:
        BadSettings: one is missing or malformed.
    """
    with told_as_bad_settings("collector"):
        return _configuration(found)


def _configuration(found: Settings) -> Configuration:
    given = Configuration(
        thing=str(found["thing"]),
        home=Path(found["home"]),
        listeners=tuple(
            Listener(str(one["host"]), int(one["port"])) for one in found["listeners"]
        ),
        stations=_stations(found["outlets"]),
        intake_bytes=int(found.get("intakeBytes", 256 * MEBIBYTE)),
        health_seconds=_pause(found, "healthSeconds", 60.0),
        bounds=_figures(Bounds, found, "bounds"),
        patience=_figures(Patience, found, "patience"),
        filling=_figures(Filling, found, "filling"),
        sources=sources_of(found.get("sources", []), Path(found["home"]) / SOURCES),
        telemetry_bytes=int(found.get("telemetryBytes", 256 * MEBIBYTE)),
    )
    if len(set(given.listeners)) != len(given.listeners):
        raise ValueError("listeners: one stands twice")
    if not given.listeners and not given.sources:
        raise ValueError("listeners: none, and no sources either")
    return given


def _pause(found: Settings, name: str, usual: float) -> float:
    """Read a time between two looks [s]; none at all would be a look without end.

    Raises:
        BadSettings: naming the field.
    """
    seconds = float(found.get(name, usual))
    if not 0 < seconds < inf:
        raise BadSettings(f"{name}: {found[name]} is no pause", pointer=name)
    return seconds


def _figures(kind: Callable[..., _Figures], found: Settings, name: str) -> _Figures:
    """Read a group of settings that are all numbers, none of them below nought.

    Raises:
        BadSettings: naming the field.
    """
    given = found.get(name, {})
    if not isinstance(given, dict):
        raise BadSettings(f"{name}: {given!r} is no group of settings", pointer=name)
    for key, value in given.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value < inf:
            where = f"{name}.{key}"
            raise BadSettings(f"{where}: {value!r} is no number from 0 on", pointer=where)
    return kind(**given)


def _stations(outlets: list[Settings]) -> Mapping[str, Station]:
    stations = {
        one["mn"]: Station(
            outlet=str(one["outletId"]),
            mn=str(one["mn"]),
            st=str(one["st"]),
            password=str(one["password"]),
            keys=tuple(bytes.fromhex(key) for key in one.get("keys", ())),
        )
        for one in outlets
    }
    if len(stations) != len(outlets):
        raise ValueError("outlets: one MN stands twice")
    return MappingProxyType(stations)
