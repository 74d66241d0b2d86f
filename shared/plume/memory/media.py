"""Media in dictionaries."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from plume.model.identity import CameraId
from plume.model.media import LONGEST, CameraHealth, Media, MediaCheck
from plume.ports.media import KeptText, MediaPage, MediaQuery, SeenObject


class MemoryMedia:
    """`plume.ports.media.MediaIndex`."""

    def __init__(self) -> None:
        self._media: dict[str, Media] = {}
        self._health: dict[CameraId, CameraHealth] = {}

    def add(self, media: Media) -> Media | None:
        """Index it once; give the one already there under its id, None when this one is new."""
        known = self._media.get(media.manifest.media)
        if known is None:
            self._media[media.manifest.media] = media
        return known

    def get(self, key: str) -> Media | None:
        """Give one by its id; None when there is none."""
        return self._media.get(key)

    def page(self, query: MediaQuery, *, most: int, cursor: str = "") -> MediaPage:
        """Give one page; the cursor is the place of the last item."""
        found = [
            one
            for one in self._newest_first()
            if one.manifest.outlet == query.outlet
            and query.since - LONGEST <= one.manifest.start < query.until
            and one.manifest.end >= query.since
            and query.kind in {None, one.manifest.kind}
            and (not cursor or _place(one) < cursor)
        ]
        part = tuple(found[:most])
        return MediaPage(part, _place(part[-1]) if len(part) < len(found) else "")

    def of_cause(self, cause: str) -> Sequence[Media]:
        """Give what was recorded because of a command or an event, newest start first."""
        return [one for one in self._newest_first() if one.manifest.cause == cause]

    def settle(self, media: Media) -> None:
        """Keep how its check came out; one that was settled before does not change."""
        if self._media[media.manifest.media].check is MediaCheck.PENDING:
            self._media[media.manifest.media] = media

    def note_health(self, health: CameraHealth) -> None:
        """Note how a camera is; older news change nothing."""
        known = self._health.get(health.camera)
        if known is None or known.at < health.at:
            self._health[health.camera] = health

    def health(self, cameras: Sequence[CameraId]) -> dict[CameraId, CameraHealth]:
        """Give how each camera is; one that never said so is missing."""
        return {key: self._health[key] for key in cameras if key in self._health}

    def _newest_first(self) -> list[Media]:
        return sorted(self._media.values(), key=_place, reverse=True)


class MemoryMediaObjects:
    """`plume.ports.media.MediaObjects`; a version counts how often a key was put."""

    def __init__(self) -> None:
        self.objects: dict[str, list[bytes]] = {}
        self.put_at = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def put(self, key: str, body: bytes) -> None:
        """Put an object, as an edge device would."""
        self.objects.setdefault(key, []).append(body)

    def seen(self, key: str) -> SeenObject | None:
        """Look at the newest version of an object; None when there is none."""
        if key not in self.objects:
            return None
        body = self.objects[key][-1]
        return SeenObject(sha256(body).hexdigest(), len(body), str(len(self.objects[key])))

    def address(self, key: str, *, version: str = "") -> str:
        """Give a path on the page's own origin."""
        return f"/{key}?versionId={version}" if version else f"/{key}?signed"

    def text(self, key: str) -> KeptText | None:
        """Read a small object of text; None when there is none."""
        if key not in self.objects:
            return None
        return KeptText(self.objects[key][-1].decode(), self.put_at)


def _place(media: Media) -> str:
    return f"{media.manifest.start.astimezone(UTC).isoformat()}#{media.manifest.media}"
