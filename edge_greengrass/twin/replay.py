"""Columns of replayed data out of the package."""

import csv
import gzip
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@cache
def columns(name: str) -> dict[str, NDArray[np.float64]]:
    """Read `data/{name}.csv.gz`; one array for each column.

    Raises:
        FileNotFoundError: there are no such data.
    """
    packed = files("edge_greengrass.twin").joinpath(f"data/{name}.csv.gz").read_bytes()
    rows = list(csv.reader(gzip.decompress(packed).decode().splitlines()))
    table = np.array(rows[1:], dtype=np.float64)
    return {title: table[:, at] for at, title in enumerate(rows[0])}
