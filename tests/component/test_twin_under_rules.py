"""What the coal twin does to its data, seen by the rules that the platform has today.

An open fault breaks a limit; the same fault hidden by a lie breaks none, which is why the linkage
rules named in its label are needed; history told anew is noticed as it arrives.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.instruments import Instruments
from edge_greengrass.twin.messages import HOUR, Message, Station
from edge_greengrass.twin.revision import Shaved, revisions
from infra.local import demo_region
from plume.hj212.frame import decode
from plume.memory.series import MemorySeries
from plume.memory.world import MemoryFindings, MemoryLatest, MemoryReadings, MemoryRegistry
from plume.model.frame import FrameRecord, Verdict
from plume.model.reading import Reading
from plume.model.window import Cause, WindowTouched
from plume.usecases.judge_frames import HeardFrame
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.values_of import values_of

OUTLET = next(one for one in demo_region.outlets() if one.id == "beiyu-gas-1")
START = datetime(2026, 11, 24, 4, tzinfo=UTC)
LENGTH = timedelta(hours=6)
END = START + LENGTH


def twin(what: Happening | None) -> tuple[Station, Instruments]:
    first, last = int(START.timestamp()), int(END.timestamp())
    settings = PlantSettings(
        kind="coal_unit",
        outlet=OUTLET.id,
        mn=OUTLET.mn,
        st=OUTLET.st,
        password=OUTLET.password,
        host="h",
        port=1,
        seed=6,
        episodes=(Episode(first, last, what),) if what else (),
    )
    instruments = instruments_of(settings)
    forged = Instruments(Shaved(instruments.plant), instruments.calendar)
    return Station(settings, instruments, forged), instruments


def readings(station: Station, messages: Sequence[Message]) -> list[Reading]:
    found: list[Reading] = []
    for sequence, message in enumerate(messages):
        heard_at = message.due + timedelta(seconds=5)
        for raw in station.frames(message, "20261124120000000", late=False):
            record = FrameRecord(received_at=heard_at, raw=raw, verdict=Verdict.OK, mn=OUTLET.mn)
            heard = HeardFrame(
                outlet=OUTLET,
                verdict=Verdict.OK,
                frame=decode(raw),
                record=record,
                heard_at=heard_at,
                known_at=heard_at,
                thing=OUTLET.thing,
                sequence=sequence,
            )
            values = values_of(heard)
            assert values is not None
            found += values.readings
    return found


def hours() -> list[Message]:
    starts = [START + timedelta(hours=n) for n in range(6)]
    return [Message(at + timedelta(hours=1), HOUR, at) for at in starts]


def exceeded(what: Happening | None) -> dict[str, int]:
    """How many of the six hours break a limit, by factor."""
    registry = MemoryRegistry()
    registry.put_outlet(OUTLET)
    for limit in demo_region.limits():
        if limit.outlet == OUTLET.id:
            registry.put_limit(limit)
    world = JudgeWorld(
        registry, MemoryReadings(), MemoryLatest(), MemoryFindings(), MemorySeries()
    )
    station, _ = twin(what)
    world.readings.add(readings(station, hours()))
    window = WindowTouched(OUTLET.id, START, END, Cause.READINGS)
    broken = [one for one in judge_window(window, world=world, now=END) if one.broken]
    assert {one.rule.id for one in broken} <= {"G-06"}
    factors = [str(one.factor) for one in broken]
    return {factor: factors.count(factor) for factor in factors}


@pytest.mark.parametrize(
    ("what", "factors"),
    [
        (Happening.PUMPS_OFF, {"a21026": 6}),
        (Happening.BYPASS_OPEN, {"a21026": 6}),
        (Happening.REAGENT_OFF, {"a21026": 6}),
        (Happening.AMMONIA_OFF, {"a21002": 6}),
        (None, {}),
        (Happening.PUMPS_OFF_HIDDEN, {}),
        (Happening.REAGENT_OFF_HIDDEN, {}),
        (Happening.BYPASS_HIDDEN, {}),
        (Happening.AMMONIA_OFF_HIDDEN, {}),
        (Happening.FLAG_ABUSE, {}),
        (Happening.CLIPPING, {}),
    ],
)
def test_an_open_fault_breaks_its_limit_and_a_hidden_one_does_not(
    what: Happening | None, factors: dict[str, int]
) -> None:
    found = exceeded(what)
    found.pop("a34013", None)  # dust follows the tower, too
    assert found == factors


@pytest.mark.parametrize(
    ("what", "rewritten"), [(Happening.REWRITTEN_HOURS, 6), (Happening.CONSTANT, 0)]
)
def test_hours_told_anew_are_noticed_as_they_arrive(what: Happening, rewritten: int) -> None:
    station, instruments = twin(what)
    stored = MemoryReadings()
    assert not stored.add(readings(station, hours()))
    again = list(revisions(instruments.calendar, START, END + timedelta(hours=1)))
    found = stored.add(readings(station, again))
    sulphur = {one.start for one in (each.after for each in found) if one.factor == "a21026"}
    assert len(sulphur) == rewritten
