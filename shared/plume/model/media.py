"""What cameras recorded, and whether what lies in the store is what the device signed (影像)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from plume.model.event import MediaManifest, SourceState
from plume.model.identity import CameraId, ThingName

LONGEST = timedelta(hours=1)
"""No clip lasts longer: a search need not look further back. Our choice; 30 min is the longest
that a person may ask for (product.md R-06)."""


class MediaCheck(StrEnum):
    """Whether the objects agree with the manifest (影像核验)."""

    PENDING = "pending"
    """Not all of them are there yet."""
    VERIFIED = "verified"
    DIFFERS = "differs"
    """One of them is not what the device signed."""


@dataclass(frozen=True, slots=True)
class Media:
    """A snapshot or clip with the segment, (thing, sequence), that its manifest came in.

    `versions` are those of the objects that were found to agree, in their order; what is looked
    at is these and never what was put under the same key later.
    """

    manifest: MediaManifest
    thing: ThingName
    sequence: int
    check: MediaCheck = MediaCheck.PENDING
    versions: tuple[str, ...] = ()

    def settled(self, check: MediaCheck, versions: tuple[str, ...] = ()) -> "Media":
        """Give the same with the outcome of its check."""
        return replace(self, check=check, versions=versions)


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """How a camera is, since `at` (摄像机状态); `detail` says in one line what is wrong."""

    camera: CameraId
    at: datetime
    state: SourceState
    detail: str = ""
