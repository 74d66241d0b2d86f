"""Curves as the page draws them."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plume.aws import wiring
from plume.model.identity import OutletId
from plume.model.person import Person
from plume.ports.series import Step
from plume.usecases.read_series import CurveQuestion, Curves, read_series
from plume.wire.endpoints import AskedStep
from plume.wire.resources import SeriesResource

DIGITS = 6
"""After the point: more than any analyser prints, and short on the wire for means."""


def curves(
    asker: Person, outlet: OutletId, query: dict[str, Any], between: tuple[datetime, datetime]
) -> SeriesResource:
    """Read the curves of an outlet and write them."""
    asked: AskedStep = query["step"]
    question = CurveQuestion(
        outlet=outlet,
        channels=query["channels"],
        since=between[0],
        until=between[1],
        step=None if asked is AskedStep.AUTO else Step(asked.value),
        max_points=query["maxPoints"],
    )
    found = read_series(asker, question, registry=wiring.registry(), series=wiring.series())
    return _resource(outlet, found)


def _resource(outlet: OutletId, found: Curves) -> SeriesResource:
    columns = found.columns
    return {
        "outletId": outlet,
        "step": found.step.value,
        "times": columns.times.tolist(),
        "channels": {code: _numbers(values) for code, values in columns.values.items()},
        "flags": {code: _letters(flags) for code, flags in columns.flags.items()},
        "thinned": found.thinned,
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    rounded = np.round(values, DIGITS).tolist()
    present = np.isfinite(values).tolist()
    return [number if there else None for number, there in zip(rounded, present, strict=True)]


def _letters(flags: NDArray[np.uint8]) -> list[str]:
    return [chr(flag) if flag else "" for flag in flags.tolist()]
