"""How devices stand, kept in DynamoDB: two rows per device, and one per offset, gap and filling.

Being heard is a row of its own, because it changes all the time and is small.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pynamodb.attributes import NumberAttribute

from plume.aws.fact_text import fact_of, moment, text_of
from plume.aws.failures import suppress_lost, told_as_unavailable
from plume.aws.rows import GET_AT_ONCE, Row, in_parts
from plume.errors import Unavailable
from plume.model.device_standing import DeviceFact, DeviceHeard, DeviceStanding, noted
from plume.model.event import ClockOffset, GapFill, GapRecord
from plume.model.identity import ThingName

ATTEMPTS = 8
STANDING, HEARD = "standing", "heard"


class DeviceRow(Row):
    """One part of the standing of a device, or one offset, gap or filling that it told."""

    class Meta:
        """Bound by `DevicesTable`."""

        table_name = ""

    revision = NumberAttribute(null=True)


class DevicesTable:
    """`plume.ports.device_standings.DeviceStandings` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        DeviceRow.Meta.table_name = table_name

    def note(self, thing: ThingName, fact: DeviceFact) -> DeviceStanding:
        """Fold a fact into its part of the standing of its device and give that part.

        Raises:
            Unavailable: also when other writers were faster too many times.
        """
        if isinstance(fact, ClockOffset | GapRecord | GapFill):
            _keep(thing, fact)
        for _ in range(ATTEMPTS):
            with told_as_unavailable("devices table"), suppress_lost():
                return _note_once(thing, fact)
        raise Unavailable(f"devices table: {thing} keeps changing")

    def of(self, things: Sequence[ThingName]) -> dict[ThingName, DeviceStanding]:
        """Give the standings of these devices; one never heard is missing."""
        parts = (STANDING, HEARD)
        keys = [(f"device#{thing}", part) for thing in dict.fromkeys(things) for part in parts]
        found: dict[ThingName, DeviceStanding] = {}
        for some in in_parts(keys, GET_AT_ONCE):
            with told_as_unavailable("devices table"):
                for row in DeviceRow.batch_get(list(some)):
                    part = fact_of(DeviceStanding, str(row.fact))
                    known = found.get(part.thing)
                    found[part.thing] = _joined(known, part) if known else part
        return found

    def clocks(
        self, thing: ThingName, subject: str, since: datetime, until: datetime
    ) -> Sequence[ClockOffset]:
        """Give the offsets of one clock told within `[since, until)`, oldest first."""
        if since >= until:
            return ()
        within = DeviceRow.sk.between(moment(since), moment(until))
        with told_as_unavailable("devices table"):
            rows = list(DeviceRow.query(_clock(thing, subject), within))
        found = [fact_of(ClockOffset, str(row.fact)) for row in rows]
        return [offset for offset in found if offset.at < until]


def _note_once(thing: ThingName, fact: DeviceFact) -> DeviceStanding:
    """Read, fold and write, on condition that nobody wrote in between."""
    key, part = f"device#{thing}", HEARD if isinstance(fact, DeviceHeard) else STANDING
    rows = DeviceRow.query(key, DeviceRow.sk == part, consistent_read=True)
    row = next(iter(rows), None)
    before = DeviceStanding(thing) if row is None else fact_of(DeviceStanding, str(row.fact))
    after = noted(before, fact)
    if after == before:
        return before
    revision = 0 if row is None else int(row.revision or 0)
    unchanged = DeviceRow.pk.does_not_exist() if row is None else DeviceRow.revision == revision
    DeviceRow(key, part, fact=text_of(after), revision=revision + 1).save(unchanged)
    return after


def _joined(one: DeviceStanding, other: DeviceStanding) -> DeviceStanding:
    """Join the two parts; only one of them was ever heard."""
    heard, rest = (one, other) if one.heard else (other, one)
    return replace(
        rest, heard=heard.heard, boots=heard.boots, lead=heard.lead, measured=heard.measured
    )


def _keep(thing: ThingName, fact: ClockOffset | GapRecord | GapFill) -> None:
    """Keep one offset, gap or filling for good; the same again changes nothing."""
    with told_as_unavailable("devices table"), suppress_lost():
        _place(thing, fact).save(DeviceRow.pk.does_not_exist())


def _place(thing: ThingName, fact: ClockOffset | GapRecord | GapFill) -> DeviceRow:
    if isinstance(fact, ClockOffset):
        return DeviceRow(_clock(thing, fact.subject), moment(fact.at), fact=text_of(fact))
    if isinstance(fact, GapFill):
        place = f"{moment(fact.at)}#{fact.cn}#{moment(fact.first_at)}"
        return DeviceRow(f"fill#{thing}#{fact.outlet}", place, fact=text_of(fact))
    place = f"{moment(fact.at)}#{fact.klass}#{moment(fact.first_at)}"
    return DeviceRow(f"gap#{thing}", place, fact=text_of(fact))


def _clock(thing: ThingName, subject: str) -> str:
    return f"clock#{thing}#{subject}"
