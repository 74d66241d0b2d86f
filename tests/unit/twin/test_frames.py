"""Whatever a twin says in whatever state is a frame that a collector accepts without a remark."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import KINDS, PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.messages import DAY, HOUR, MINUTE, REAL_TIME, Message, Station
from edge_greengrass.twin.tricks import REPERTOIRES
from plume.hj212.verdict import Expected, judge_frame
from plume.model.frame import Verdict

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
MN, PASSWORD = "010000A8900016F00016A001", "123456"
STATES = (Happening.OUTAGE, Happening.BANKED, Happening.ANALYSER_FAULT)


def remarks(kind: str, edition: str, what: Happening | None) -> list[object]:
    start = int(NOON.timestamp())
    episodes = (Episode(start - 7200, start + 7200, what),) if what else ()
    st = "32" if kind.startswith("sewage") else "31"
    settings = PlantSettings(
        kind, "o", MN, st, PASSWORD, "h", 1, edition=edition, episodes=episodes
    )
    station = Station(settings, instruments_of(settings))
    messages = [Message(NOON, cn, NOON) for cn in (REAL_TIME, MINUTE, HOUR)]
    messages.append(Message(NOON, DAY, NOON - timedelta(hours=12)))
    if instruments_of(settings).plant.process:
        messages.append(Message(NOON, REAL_TIME, NOON, process=True))
    judged = [
        judge_frame(raw, expected={MN: Expected(PASSWORD)}.get, now=NOON + timedelta(days=1))
        for message in messages
        for raw in station.frames(message, "20261124120000000", late=True)
    ]
    assert len(judged) >= len(messages)
    return [one for one in judged if one.verdict is not Verdict.OK or one.warnings]


@pytest.mark.parametrize("edition", ["2017", "2025"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_plant_in_order_speaks_without_fault(kind: str, edition: str) -> None:
    assert remarks(kind, edition, None) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_state_and_no_trick_spoils_a_frame(kind: str) -> None:
    for what in (*STATES, *REPERTOIRES.get(kind, ())):
        assert remarks(kind, "2017", what) == [], what
