"""A point without a frame, step by step: from a register of a PLC to what the page asks for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from plume.memory.series import MemorySeries
from plume.memory.world import MemoryBundles, MemoryWindows
from plume.model.identity import OutletId
from plume.model.segment import Arrival
from plume.ports.series import Step
from plume.series import block
from plume.usecases.ingest_segments import ingest_segments
from plume.usecases.read_series import CurveQuestion, read_series
from plume.usecases.read_values import read_latest
from plume.usecases.write_series import SeriesWorld, write_series
from plume.wire import resource_of
from tests.component.patience import until
from tests.component.test_ingest_segments import PLATFORM, a_world
from tests.component.test_read_curves_and_frames import CENTRE
from tests.component.test_sources import CURRENT, Shelf, modbus, plc, roster
from tests.given import EIGHT, HOUR, STACK, EdgeDevice, frame, private_pem


async def polled() -> Sequence[bytes]:
    """Blocks of a pump's current, as the collector packs them."""
    shelf = Shelf()
    async with plc() as port, roster(shelf, modbus(port, CURRENT)):
        await until(lambda: shelf.columns)
    return [block.encode(one) for one in shelf.columns]


async def test_a_register_of_a_plc_reaches_the_newest_values_and_the_curves() -> None:
    now = datetime.now(tz=UTC)
    device = EdgeDevice(PLATFORM)
    world = a_world(device)
    arrival = device.seal(blocks=tuple(await polled()), at=now + timedelta(seconds=1))
    ingest_segments([arrival], world=world, now=now + timedelta(seconds=3))
    assert [one.at <= now + timedelta(seconds=60) for one in world.latest.of(STACK.id)] == [True]
    (newest,) = read_latest(CENTRE, STACK.id, registry=world.registry, latest=world.latest)
    assert (newest.factor, newest.value, newest.flag) == ("g10401", Decimal("36.6"), "N")
    assert resource_of.latest(newest)["name"]["zh"] == "浆液循环泵电流（1 号）"
    assert _curve(world.registry, arrival, now) == {36.6}


def _curve(registry: object, arrival: Arrival, now: datetime) -> set[float]:
    series, bundles = MemorySeries(), MemoryBundles()
    world = SeriesWorld(registry, bundles, series, MemoryWindows(), private_pem(PLATFORM))
    write_series(bundles.put([arrival]), world=world)
    minute = timedelta(minutes=1)
    question = CurveQuestion(
        OutletId(STACK.id), ("g10401",), now - minute, now + minute, Step.RAW, 1000
    )
    found = read_series(CENTRE, question, registry=registry, series=series)
    return set(found.columns.values["g10401"].tolist())


def test_the_state_of_an_instrument_in_a_frame_of_the_stack_is_found_where_it_is_looked_for() -> (
    None
):
    """i12001 of ST 31 is of the plant: written to its table, read from it, beside the SO2."""
    device, at = EdgeDevice(PLATFORM), EIGHT + HOUR
    world = a_world(device)
    said = "DataTime=20260801085930;a21026-Rtd=12.3,a21026-Flag=N;i12001-Rtd=1,i12001-Flag=N"
    series, bundles = MemorySeries(), MemoryBundles()
    writing = SeriesWorld(world.registry, bundles, series, MemoryWindows(), private_pem(PLATFORM))
    write_series(bundles.put([device.seal(frame("2011", said), at=at)]), world=writing)
    question = CurveQuestion(
        OutletId(STACK.id), ("a21026", "i12001"), at - HOUR, at, Step.RAW, 1000
    )
    found = read_series(CENTRE, question, registry=world.registry, series=series)
    assert found.columns.values["a21026"].tolist() == [12.3]
    assert found.columns.values["i12001"].tolist() == [1.0]
