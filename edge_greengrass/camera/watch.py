"""The watch (视频健康巡检): looks at one camera again and again, and tells when it has changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from edge_greengrass.camera.eye import Eye
from edge_greengrass.camera.piece import Piece
from edge_greengrass.camera.sight import Look, Sight, View, look
from edge_greengrass.camera.still import first_luma
from plume.model.event import SourceHealth, SourceState
from plume.model.identity import OutletId

OFFLINE = "offline"
_SURE_AFTER = 3
"""Looks in a row that say the same before it is told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a camera is: `offline` or a sight, why, and the figures."""

    state: str
    detail: str = ""
    facts: dict[str, object] | None = None


class Watch:
    """Watches one camera; the view it remembers is kept in `folder`.

    Args:
        eye: the camera.
        folder: where its view is remembered.
        every: seconds between two looks.
        now: the clock of the edge.
    """

    def __init__(self, eye: Eye, folder: Path, every: float, now: Callable[[], datetime]) -> None:
        self._eye, self._every, self._now = eye, every, now
        self._file = folder / f"{eye.camera.camera}.view.npy"
        self._view = _remembered(self._file)
        self._told = ""
        self._suspected, self._times = "", 0
        self._looked: Piece | None = None

    async def look(self) -> SourceHealth | None:
        """Look once; give the change of health when there is one to be told."""
        verdict = await asyncio.to_thread(self._verdict)
        if verdict is None:
            return None
        if verdict.state != self._suspected:
            self._suspected, self._times = verdict.state, 0
        self._times += 1
        if verdict.state == self._told or self._times < _SURE_AFTER:
            return None
        self._told = verdict.state
        return self._health(verdict)

    def _verdict(self) -> Verdict | None:
        """Judge the newest piece; one that was judged already says nothing new."""
        piece = self._eye.ring.newest
        if piece is None or self._now() - piece.end > self._patience(piece):
            return Verdict(OFFLINE, self._eye.lost)
        if piece == self._looked:
            return None
        self._looked = piece
        try:
            seen = look(first_luma(piece), self._view)
        except OSError as fault:
            return Verdict("unreadable", f"{type(fault).__name__}: {fault}")
        self._remember(seen)
        return Verdict(seen.sight.value, facts=dict(seen.facts))

    def _patience(self, piece: Piece) -> timedelta:
        """Say how old the newest piece may be: the next one is only there when it is whole."""
        return timedelta(seconds=2 * (self._every + piece.seconds))

    def _remember(self, seen: Look) -> None:
        grown = seen.view.pictures > self._view.pictures
        self._view = seen.view
        if grown and seen.view.edges is not None:
            with self._file.with_suffix(".draft").open("wb") as draft:
                np.save(draft, np.stack([seen.view.edges]))
            self._file.with_suffix(".draft").replace(self._file)

    def _health(self, verdict: Verdict) -> SourceHealth:
        states = {OFFLINE: SourceState.SILENT, Sight.CLEAR.value: SourceState.OK}
        words = f"{verdict.state}: {verdict.detail}" if verdict.detail else verdict.state
        return SourceHealth(
            at=self._now(),
            source=self._eye.camera.camera,
            kind="camera",
            state=states.get(verdict.state, SourceState.FAILING),
            detail=words,
            facts=verdict.facts,
            outlet=OutletId(self._eye.camera.outlet),
        )


def _remembered(file: Path) -> View:
    """Give the view of the last run; one that cannot be read is learned anew."""
    try:
        edges = np.load(file, allow_pickle=False)[0]
    except (OSError, ValueError, IndexError):
        return View()
    return View(edges=edges, pictures=1000)
