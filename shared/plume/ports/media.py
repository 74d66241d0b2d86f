"""Media: the index of snapshots and clips, and the bucket that holds their objects (影像)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plume.model.event import MediaKind
from plume.model.identity import CameraId, OutletId
from plume.model.media import CameraHealth, Media


@dataclass(frozen=True, slots=True)
class MediaQuery:
    """Media of an outlet that show any of `[since, until)`; None is any kind."""

    outlet: OutletId
    since: datetime
    until: datetime
    kind: MediaKind | None = None


@dataclass(frozen=True, slots=True)
class MediaPage:
    """One page, newest start first; `cursor` is empty at the end."""

    items: tuple[Media, ...]
    cursor: str


class MediaIndex(Protocol):
    """What was recorded, and how the cameras are."""

    def add(self, media: Media) -> Media | None:
        """Index it once; give the one already there under its id, None when this one is new."""

    def get(self, key: str) -> Media | None:
        """Give one by its id; None when there is none."""

    def page(self, query: MediaQuery, *, most: int, cursor: str = "") -> MediaPage:
        """Give one page."""

    def of_cause(self, cause: str) -> Sequence[Media]:
        """Give what was recorded because of a command or an event, newest start first."""

    def settle(self, media: Media) -> None:
        """Keep how its check came out; one that was settled before does not change."""

    def note_health(self, health: CameraHealth) -> None:
        """Note how a camera is; older news change nothing."""

    def health(self, cameras: Sequence[CameraId]) -> dict[CameraId, CameraHealth]:
        """Give how each camera is; one that never said so is missing."""


@dataclass(frozen=True, slots=True)
class SeenObject:
    """What an object was found to hold: SHA-256 [hex], size, and the version looked at."""

    sha256: str
    bytes: int
    version: str


@dataclass(frozen=True, slots=True)
class KeptText:
    """A small object of text, and when it was put."""

    text: str
    put_at: datetime


class MediaObjects(Protocol):
    """The objects themselves, put there by the edge devices."""

    def seen(self, key: str) -> SeenObject | None:
        """Look at the newest version of an object; None when there is none."""

    def address(self, key: str, *, version: str = "") -> str:
        """Give a path on the page's own origin that shows the object for some minutes."""

    def text(self, key: str) -> KeptText | None:
        """Read a small object of text; None when there is none."""
