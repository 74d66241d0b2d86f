"""The configuration of the twins: which plants play, and to whom they speak."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from edge_greengrass.twin.channel import Plant
from edge_greengrass.twin.data_logger import DataLogger, Identity
from edge_greengrass.twin.gas_turbine import GasTurbine
from edge_greengrass.twin.performance import Performance
from edge_greengrass.twin.plant_clock import PlantClock, real_now
from edge_greengrass.twin.sewage_works import SewageWorks
from plume.errors import Refused

REAL_TIME_SECONDS = 10
BACKFILL_HOURS = 24


def performances(path: Path) -> list[Performance]:
    """Read the configuration file and give its plants, ready to play.

    Raises:
        Refused: a field is missing or of the wrong kind; the pointer names it.
    """
    plants = json.loads(path.read_text(encoding="utf-8")).get("plants")
    if not isinstance(plants, list) or not plants:
        raise Refused("the configuration lists no plants", pointer="/plants")
    return [_performance(plant, f"/plants/{number}") for number, plant in enumerate(plants)]


def _performance(config: dict[str, Any], pointer: str) -> Performance:
    try:
        plant = _plant(config)
        identity = Identity(
            mn=str(config["mn"]),
            st=plant.st,
            password=str(config["password"]),
            host=str(config["host"]),
            port=int(config["port"]),
        )
        speed = float(config.get("compression", 1))
        backfill = timedelta(hours=float(config.get("backfillHours", BACKFILL_HOURS)))
        interval = timedelta(seconds=float(config.get("interval", REAL_TIME_SECONDS)))
    except (KeyError, TypeError, ValueError) as fault:
        raise Refused(f"plant configuration: {fault!r}", pointer=pointer) from fault
    accelerated = speed > 1
    clock = PlantClock(real_now() - backfill if accelerated else real_now(), speed)
    return Performance(
        plant, DataLogger(identity), clock, interval, timedelta() if accelerated else backfill
    )


def _plant(config: dict[str, Any]) -> Plant:
    kind, seed = config["kind"], int(config["seed"])
    scale = float(config.get("scale", 1))
    if kind == "gas_turbine":
        return GasTurbine(data=config.get("data", "gt_2014.csv.gz"), seed=seed, scale=scale)
    if kind == "sewage_works":
        return SewageWorks(
            data=config.get("data", "dry_influent.csv.gz"),
            seed=seed,
            scale=scale,
            strain=float(config.get("strain", 1)),
        )
    raise ValueError(f"kind {kind!r} is neither gas_turbine nor sewage_works")
