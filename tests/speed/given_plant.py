"""A minute of a plant from real measurements: 200 channels x 60 points, fixed decimals."""

import csv
from pathlib import Path

import numpy as np

from plume.model.telemetry import Columns, SeriesTable

CHANNELS, POINTS = 200, 60
_DATA = Path(__file__).parent / "data" / "four_digits.csv"


def plant_minute() -> Columns:
    """Cut 200 windows of 60 consecutive rows out of 32 real signals, none twice."""
    with _DATA.open(encoding="utf-8") as file:
        names, *rows = csv.reader(line for line in file if not line.startswith("#"))
    signals = list(zip(*rows, strict=True))
    values, decimals = {}, {}
    for number in range(CHANNELS):
        window, signal = divmod(number, len(names))
        texts = signals[signal][window * POINTS : (window + 1) * POINTS]
        code = f"s{number:03d}"
        values[code] = np.array(texts, np.float64)
        decimals[code] = len(texts[0].partition(".")[2])
    times = 1_795_492_800_000 + 1_000 * np.arange(POINTS)
    flags = {code: np.ones(POINTS, np.uint8) for code in values}
    return Columns(SeriesTable.PROCESS, "unit-1", times, values, flags, decimals)
