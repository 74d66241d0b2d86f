"""What a camera's picture is worth (视频完好): frozen, black, covered, moved, or clear.

A picture is compared with how the camera has looked until now, by its edges: light and weather
change how bright things are, hardly where they end. The thresholds are our choice; they are tried
on films of the twins and on real light only by who deploys them.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Small = NDArray[np.float32]

_COLUMNS, _ROWS = 96, 54
_BLACK_MEAN, _BLACK_BRIGHTEST = 24.0, 48.0
"""Grey levels of 255; video black is 16 (ITU-R BT.601)."""
_FROZEN_CHANGE = 0.02
"""Mean change [grey levels] below which two pictures are the same one: sensors are noisier."""
_COVERED_EDGES = 0.35
"""Share of the edges of the remembered view."""
_LIKE = 0.45
"""Correlation with the remembered view."""
_LEARNED = 3
"""Pictures after which a view counts as known."""
_WEIGHT = 0.05
"""Of a new clear picture in what is remembered."""


class Sight(StrEnum):
    """What one picture says of its camera."""

    CLEAR = "clear"
    FROZEN = "frozen"
    BLACK = "black"
    COVERED = "covered"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class View:
    """How a camera has looked until now: mean edges, shape (54, 96), and the picture before."""

    edges: Small | None = None
    pictures: int = 0
    before: Luma | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One judged picture, with the figures that it was judged by, and what is remembered now."""

    sight: Sight
    facts: dict[str, float]
    view: View


def look(luma: Luma, view: View) -> Look:
    """Judge one picture.

    Args:
        luma: brightness, shape (height, width).
        view: what was remembered of this camera until now.
    """
    small = _small(luma)
    edges = _edges(small)
    change = _change(luma, view.before)
    facts = {
        "mean": round(float(small.mean()), 1),
        "change": round(change, 3),
        "edges": round(_share(edges, view.edges), 3),
        "likeness": round(_likeness(edges, view.edges), 3),
    }
    sight = _sight(facts, float(small.max()), known=view.pictures >= _LEARNED)
    seen = replace(view, before=luma)
    return Look(sight, facts, _learned(seen, edges) if sight is Sight.CLEAR else seen)


def _sight(facts: dict[str, float], brightest: float, *, known: bool) -> Sight:
    if facts["mean"] < _BLACK_MEAN and brightest < _BLACK_BRIGHTEST:
        return Sight.BLACK
    if facts["change"] < _FROZEN_CHANGE:
        return Sight.FROZEN
    if known and facts["edges"] < _COVERED_EDGES:
        return Sight.COVERED
    if known and facts["likeness"] < _LIKE:
        return Sight.MOVED
    return Sight.CLEAR


def _learned(view: View, edges: Small) -> View:
    if view.edges is None:
        return replace(view, edges=edges, pictures=1)
    weight = max(_WEIGHT, 1 / (view.pictures + 1))
    mean = ((1 - weight) * view.edges + weight * edges).astype(np.float32)
    return replace(view, edges=mean, pictures=view.pictures + 1)


def _small(luma: Luma) -> Small:
    """Average a picture down to 96 by 54 blocks; the rest at the right and below is left out."""
    down, across = luma.shape[0] // _ROWS, luma.shape[1] // _COLUMNS
    even = luma[: down * _ROWS, : across * _COLUMNS].astype(np.float32)
    blocks = even.reshape(_ROWS, down, _COLUMNS, across)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _edges(small: Small) -> Small:
    """Give how strongly brightness changes from block to block, in both directions."""
    down, across = np.gradient(small)
    return np.asarray(np.hypot(down, across), np.float32)


def _share(edges: Small, remembered: Small | None) -> float:
    return 1.0 if remembered is None else float(edges.mean() / max(remembered.mean(), 1e-6))


def _likeness(edges: Small, remembered: Small | None) -> float:
    """Correlate two maps of edges; 1 when nothing is remembered yet, 0 for one without edges."""
    if remembered is None:
        return 1.0
    a, b = edges - edges.mean(), remembered - remembered.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0


def _change(luma: Luma, before: Luma | None) -> float:
    """Give the mean change since the picture before [grey levels]; 255 when there was none."""
    if before is None or before.shape != luma.shape:
        return 255.0
    return float(np.abs(luma.astype(np.int16) - before).mean())
