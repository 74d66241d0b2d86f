"""Which plants there are, and where their data loggers call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any

from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.tricks import REPERTOIRES
from plume.errors import Refused

_SYSTEMS = {
    "gas_turbine": "31",
    "coal_unit": "31",
    "potline": "31",
    "cement_kiln": "31",
    "oxidiser": "31",
    "sewage": "32",
    "sewage_works": "32",
}
KINDS = tuple(_SYSTEMS)
_SECONDS_PER_HOUR = 3600


class BadConfiguration(Refused):
    """The configuration names no plant, or one that cannot be."""


@dataclass(frozen=True, slots=True)
class PlantSettings:
    """One plant and its data logger.

    `outlet` names it in the journal. `data` chooses the replayed data (the year of a gas
    turbine), `seed` where in them the plant begins and its noise. `scale` multiplies its flow,
    `strain` what a sewage works leaves over. `interval` [s] is that of real-time data. With
    `compression` 1 the hours of `backfill_hours` are sent late, after new data; with more the
    clock starts that far back and runs so many times faster until it meets the present.
    `patience` [s] is how long an answer may take. `process_interval` [s] is that of the points of
    production and treatment. `episodes` happen to the plant; with `life` its stops, calibrations
    and the like follow from the seed besides, with `mischief` labelled episodes of these kinds:
    one in each `mischief_every` hours, of which it fills two thirds. Between two messages of the
    past lie `backfill_pace` seconds at least. On `modbus_port` of the
    loopback its control system answers; None leaves it closed.

    `key` is the SM4 key in hexadecimal digits; none when empty. The data logger holds the history
    of `memory_hours`, and its clock goes `clock_offset` [s] ahead. Without an `mn` it asks for one
    under its `serial`. It leaves the CNs `deaf_to` unanswered, and hangs up at the first request
    of each CN of `hangs_up_at`.
    """

    kind: str
    outlet: str
    mn: str
    st: str
    password: str
    host: str
    port: int
    seed: int = 1
    data: str = ""
    interval: int = 10
    backfill_hours: int = 24
    scale: float = 1.0
    strain: float = 1.0
    compression: float = 1.0
    edition: str = "2017"
    patience: float = 10.0
    key: str = ""
    memory_hours: int = 2160
    clock_offset: float = 0.0
    serial: str = ""
    deaf_to: tuple[str, ...] = ()
    hangs_up_at: tuple[str, ...] = ()
    process_interval: int = 60
    life: bool = False
    episodes: tuple[Episode, ...] = ()
    mischief: tuple[Happening, ...] = ()
    mischief_every: int = 8
    backfill_pace: float = 0.0
    modbus_port: int | None = None


def read(path: Path) -> tuple[PlantSettings, ...]:
    """Read a configuration file: `{"plants": [..]}`.

    Raises:
        BadConfiguration: it is no such file, or a plant in it is malformed.
    """
    try:
        plants = json.loads(path.read_text(encoding="utf-8"))["plants"]
        found = tuple(_plant(one) for one in plants)
    except (KeyError, TypeError, ValueError) as fault:
        raise BadConfiguration(f"{path.name}: {type(fault).__name__} {fault}") from fault
    if not found:
        raise BadConfiguration(f"{path.name}: no plants")
    return found


def _plant(given: Mapping[str, Any]) -> PlantSettings:
    plant = PlantSettings(
        kind=given["kind"],
        outlet=str(given.get("outletId", given["mn"])),
        mn=str(given["mn"]),
        st=str(given.get("st") or _SYSTEMS.get(given["kind"], "")),
        password=str(given["password"]),
        host=str(given["host"]),
        port=int(given["port"]),
        seed=int(given.get("seed", 1)),
        data=str(given.get("data") or ""),
        interval=int(given.get("interval", 10)),
        backfill_hours=ceil(float(given.get("backfillHours", 24))),
        scale=float(given.get("scale", 1.0)),
        strain=float(given.get("strain", 1.0)),
        compression=float(given.get("compression", 1.0)),
        edition=str(given.get("edition", "2017")),
        patience=float(given.get("patience", 10.0)),
        key=str(given.get("key", "")),
        memory_hours=int(given.get("memoryHours", 2160)),
        clock_offset=float(given.get("clockOffset", 0.0)),
        serial=str(given.get("serial", "")),
        deaf_to=tuple(map(str, given.get("deafTo", ()))),
        hangs_up_at=tuple(map(str, given.get("hangsUpAt", ()))),
        process_interval=int(given.get("processInterval", 60)),
        life=bool(given.get("life", False)),
        episodes=tuple(_episode(one) for one in given.get("episodes", ())),
        mischief=_mischief(given["kind"], given.get("mischief", ())),
        backfill_pace=float(given.get("backfillPace", 0.0)),
        mischief_every=int(given.get("mischiefEveryHours", 8)),
        modbus_port=int(given["modbusPort"]) if "modbusPort" in given else None,
    )
    _check(plant)
    return plant


def _mischief(kind: str, given: str | list[str]) -> tuple[Happening, ...]:
    """Read which labelled episodes are drawn: "all" that can be played, or those named."""
    known = REPERTOIRES.get(kind, ())
    named = known if given == "all" else tuple(Happening(one) for one in given)
    if unknown := set(named) - set(known):
        raise ValueError(f"mischief {sorted(unknown)} cannot be played by {kind}")
    return named


def _episode(given: Mapping[str, Any]) -> Episode:
    start, end = (datetime.fromisoformat(given[name]) for name in ("from", "to"))
    if start.tzinfo is None or end.tzinfo is None or end <= start:
        raise ValueError(f"episode {given}: from and to need a zone, and an order")
    return Episode(int(start.timestamp()), int(end.timestamp()), Happening(given["what"]))


def _check(plant: PlantSettings) -> None:
    if plant.kind not in KINDS:
        raise ValueError(f"kind {plant.kind!r} is none of {KINDS}")
    if not 1 <= plant.interval <= _SECONDS_PER_HOUR:
        raise ValueError(f"interval {plant.interval} is not within 1 to 3600 s")
    if plant.mischief_every < 1:
        raise ValueError(f"mischiefEveryHours {plant.mischief_every} is not at least 1 h")
    if plant.process_interval < 1:
        raise ValueError(f"processInterval {plant.process_interval} is not at least 1 s")
    if plant.scale <= 0 or plant.compression < 1 or plant.backfill_hours < 0:
        raise ValueError("scale > 0, compression >= 1 and backfillHours >= 0 are needed")
