"""The index of snapshots and clips, and how the cameras are, kept in DynamoDB."""

from collections.abc import Sequence
from contextlib import suppress

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from plume.aws.fact_text import fact_of, moment, text_of
from plume.aws.failures import lost_the_race, suppress_lost, told_as_unavailable
from plume.aws.newest_first import part_of, position_of
from plume.aws.rows import Row, connection, index
from plume.model.identity import CameraId
from plume.model.media import LONGEST, CameraHealth, Media, MediaCheck
from plume.ports.media import MediaPage, MediaQuery

PLACE, HEALTH = "media", "health"


class MediaRow(Row):
    """Media of an outlet by start; (`media#id`, media) their place; (`camera#id`, health)."""

    class Meta:
        """Bound by `MediaTable`."""

        table_name = ""

    kind = UnicodeAttribute(null=True)
    end_at = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    at = UnicodeAttribute(null=True)
    by_cause_pk = UnicodeAttribute(null=True)
    by_cause_sk = UnicodeAttribute(null=True)
    by_cause = index("by_cause")
    """What was recorded because of one command or event, newest last."""


class MediaTable:
    """`plume.ports.media.MediaIndex` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        MediaRow.Meta.table_name = table_name

    def add(self, media: Media) -> Media | None:
        """Index it once, together with its place; give the one already there, None if new."""
        row, key = _row(media), media.manifest.media
        place = MediaRow(_place(key), PLACE, fact=f"{row.pk}\n{row.sk}")
        with told_as_unavailable("media table"):
            try:
                with TransactWrite(connection=connection()) as together:
                    together.save(place, condition=MediaRow.pk.does_not_exist())
                    together.save(row, condition=MediaRow.pk.does_not_exist())
            except PynamoDBException as failure:
                if not lost_the_race(failure):
                    raise
                return self.get(key)
        return None

    def get(self, key: str) -> Media | None:
        """Give one by its id; None when there is none."""
        with told_as_unavailable("media table"), suppress(MediaRow.DoesNotExist):
            place = MediaRow.get(_place(key), PLACE, consistent_read=True)
            pk, sk = str(place.fact).split("\n")
            return _media(MediaRow.get(pk, sk, consistent_read=True))
        return None

    def page(self, query: MediaQuery, *, most: int, cursor: str = "") -> MediaPage:
        """Give one page; the cursor is the sort key of its last item."""
        first = moment(query.since - LONGEST)
        last = position_of(cursor) if cursor else moment(query.until)
        if last < first:
            return MediaPage((), "")
        with told_as_unavailable("media table"):
            rows = MediaRow.query(
                _of(query.outlet),
                MediaRow.sk.between(first, last),
                filter_condition=_shows(query),
                scan_index_forward=False,
            )
            before = (row for row in rows if row.sk < last)
            found, after = part_of(before, most, lambda row: str(row.sk))
        return MediaPage(tuple(map(_media, found)), after)

    def of_cause(self, cause: str) -> Sequence[Media]:
        """Give what was recorded because of a command or an event, newest start first."""
        with told_as_unavailable("media table"):
            return [
                _media(row) for row in MediaRow.by_cause.query(cause, scan_index_forward=False)
            ]

    def settle(self, media: Media) -> None:
        """Keep how its check came out; one that was settled before does not change."""
        pending = MediaRow.check == MediaCheck.PENDING.value
        with told_as_unavailable("media table"), suppress_lost():
            _row(media).save(pending)

    def note_health(self, health: CameraHealth) -> None:
        """Note how a camera is; older news change nothing."""
        at = moment(health.at)
        row = MediaRow(f"camera#{health.camera}", HEALTH, fact=text_of(health), at=at)
        with told_as_unavailable("media table"), suppress_lost():
            row.save(MediaRow.pk.does_not_exist() | (MediaRow.at < at))

    def health(self, cameras: Sequence[CameraId]) -> dict[CameraId, CameraHealth]:
        """Give how each camera is; one that never said so is missing."""
        keys = [(f"camera#{key}", HEALTH) for key in dict.fromkeys(cameras)]
        if not keys:
            return {}
        with told_as_unavailable("media table"):
            found = [fact_of(CameraHealth, str(row.fact)) for row in MediaRow.batch_get(keys)]
        return {health.camera: health for health in found}


def _row(media: Media) -> MediaRow:
    told = media.manifest
    place = f"{moment(told.start)}#{told.media}"
    row = MediaRow(
        _of(told.outlet),
        place,
        fact=text_of(media),
        kind=told.kind.value,
        end_at=moment(told.end),
        check=media.check.value,
    )
    if told.cause:
        row.by_cause_pk, row.by_cause_sk = told.cause, place
    return row


def _media(row: MediaRow) -> Media:
    return fact_of(Media, str(row.fact))


def _shows(query: MediaQuery) -> Condition:
    shows = MediaRow.end_at >= moment(query.since)
    return shows if query.kind is None else shows & (MediaRow.kind == query.kind.value)


def _of(outlet: str) -> str:
    return f"outlet#{outlet}"


def _place(key: str) -> str:
    return f"media#{key}"
