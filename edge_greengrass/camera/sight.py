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
"""Of the edges of the remembered view: what hides it has fewer, another view about as many."""
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
    if known and facts["likeness"] < _LIKE:
        return Sight.COVERED if facts["edges"] < _COVERED_EDGES else Sight.MOVED
    return Sight.CLEAR


def _learned(view: View, edges: Small) -> View:
    if view.edges is None:
        return replace(view, edges=edges, pictures=1)
    weight = max(_WEIGHT, 1 / (view.pictures + 1))
    mean = ((1 - weight) * view.edges + weight * edges).astype(np.float32)
    return replace(view, edges=mean, pictures=view.pictures + 1)


def _small(luma: Luma) -> Small:
    """Average a picture of at least that size down to 96 by 54 blocks."""
    rows, columns = (
        np.linspace(0, length, blocks, endpoint=False, dtype=np.intp)
        for length, blocks in zip(luma.shape, (_ROWS, _COLUMNS), strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(luma.astype(np.float32), rows, 0), columns, 1)
    heights, widths = np.diff(rows, append=luma.shape[0]), np.diff(columns, append=luma.shape[1])
    return np.asarray(sums / np.outer(heights, widths), np.float32)


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
