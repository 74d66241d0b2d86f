"""Three days without a line: nothing is missing, nothing is there twice, new goes before old."""

from collections.abc import Callable
from pathlib import Path

from edge_greengrass.uplink.courier import Courier
from edge_greengrass.uplink.spool import Spooled
from plume.model.segment import Acknowledgement
from plume.wire.messages import ack_json
from tests.faults.outage import Story
from tests.faults.soak import times

HOURS = 72
FOUL_HOURS = times(18, 72)


class TrustingCourier(Courier):
    """The broken build: it takes the broker's word for the cloud's."""

    async def _publish(self, spooled: Spooled) -> None:
        await super()._publish(spooled)
        self._tell(ack_json(Acknowledgement(0, ((spooled.sequence, spooled.sequence),))))


async def test_three_days_are_made_good_in_order_of_priority(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    story = Story(tmp_path)
    waited = story.goes_without_a_line(HOURS)
    last_old = story.plant.spool.end.sequence
    await story.drains(lives_on=100)
    found = story.verdict()
    tell(
        f"outage of {HOURS} h, {waited} segments, {story.bucket.objects} objects, "
        f"{story.platform.messages} messages: {found.line()}"
    )
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)
    assert found.tried == HOURS * 60 + 100
    assert story.points() == story.plant.points
    assert story.bucket.objects >= waited // 1_000 - 1
    arrived = story.platform.arrived
    telemetry = {one.header.sequence for one in story.platform.segments() if one.payload.blocks}
    old = [each for each in arrived if each <= last_old]
    first_telemetry = next(place for place, each in enumerate(old) if each in telemetry)
    late = [each for each in old[first_telemetry:] if each not in telemetry]
    assert len(late) <= 1_000  # the last object of frames may overtake the first of telemetry
    first_new = next(place for place, each in enumerate(arrived) if each > last_old)
    assert first_new < len(old) / 2


async def test_what_is_swallowed_or_doubled_on_the_way_is_made_good(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    story = Story(tmp_path, swallowed=0.3, doubled=0.3)
    story.goes_without_a_line(FOUL_HOURS)
    await story.drains(lives_on=50)
    found = story.verdict()
    tell(f"foul outage of {FOUL_HOURS} h: {found.line()}")
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)
    assert story.points() == story.plant.points


async def test_the_oracle_catches_an_uplink_that_takes_a_puback_for_storage(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    story = Story(tmp_path, TrustingCourier, swallowed=0.3, doubled=0.3)
    story.goes_without_a_line(FOUL_HOURS)
    await story.drains(lives_on=50)
    found = story.verdict()
    tell(f"the same with a broken build: {found.line()}")
    assert found.gaps > 0
    assert found.lost > 0 or story.points() < story.plant.points
