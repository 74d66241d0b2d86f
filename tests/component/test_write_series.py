"""The series function, from the bucket's event in to curves written."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from functions.write_series import handler as write
from plume.errors import Refused, Unavailable
from plume.memory.world import MemoryBundles, MemoryWindows
from plume.model.identity import ThingName
from plume.model.telemetry import Columns, SeriesTable
from plume.model.window import Cause
from plume.series import block
from plume.usecases.write_series import SeriesWorld
from tests.given import (
    DRAIN,
    EIGHT,
    HOUR,
    STACK,
    EdgeDevice,
    frame,
    hour_frame,
    private_pem,
    registry,
)

CONTEXT = SimpleNamespace(
    function_name="write_series",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:write_series",
    aws_request_id="r",
)
PLATFORM = generate_private_key(SECP256R1())


class WrittenSeries:
    """What was written, in order."""

    def __init__(self) -> None:
        self.written: list[Columns] = []
        self.deaf = False
        self.refused = ""

    def write(self, batch: Sequence[Columns]) -> None:
        if self.deaf:
            raise Unavailable("series store")
        if any(self.refused in columns.values for columns in batch):
            raise Refused("column limit")
        self.written.extend(batch)


@pytest.fixture
def device() -> EdgeDevice:
    return EdgeDevice(PLATFORM)


@pytest.fixture
def wired(device: EdgeDevice, monkeypatch: pytest.MonkeyPatch) -> SeriesWorld:
    known = registry()
    known.put_device(device.registered())
    world = SeriesWorld(
        known, MemoryBundles(), WrittenSeries(), MemoryWindows(), private_pem(PLATFORM)
    )
    ports = {one.name: partial(getattr, world, one.name) for one in fields(world)}
    monkeypatch.setattr(write, "wiring", SimpleNamespace(**ports))
    return world


def created(*keys: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{place}",
                "eventSource": "aws:sqs",
                "body": json.dumps({"Records": [{"s3": {"object": {"key": key}}}]}),
            }
            for place, key in enumerate(keys)
        ]
    }


def rtd(at: str, value: str, code: str = "a21026", **said: Any) -> bytes:
    return frame("2011", f"DataTime={at};{code}-Rtd={value},{code}-Flag=N", **said)


def points(subject: str) -> bytes:
    times = 1_785_542_400_000 + np.arange(3, dtype=np.int64) * 1000
    columns = Columns(SeriesTable.PROCESS, subject, times, {"load": np.array([1.0, 2.0, 3.5])})
    return block.encode(replace(columns, decimals={"load": 1}))


def test_points_of_a_time_that_cannot_be_draw_no_curve(
    device: EdgeDevice, wired: SeriesWorld
) -> None:
    at = EIGHT + HOUR
    ahead = Columns(
        SeriesTable.PROCESS,
        "unit-1",
        np.array([round((at + step).timestamp() * 1000) for step in (-HOUR, HOUR)]),
        {"load": np.array([1.0, 2.0])},
    )
    key = wired.bundles.put([device.seal(blocks=(block.encode(ahead),), at=at)])
    assert failed(write.handler(created(key), CONTEXT)) == []
    (columns,) = wired.series.written
    assert columns.values["load"].tolist() == [1.0]


def failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_real_time_frames_become_columns_of_their_outlet(
    device: EdgeDevice, wired: SeriesWorld
) -> None:
    key = wired.bundles.put(
        [
            device.seal(rtd("20260801085930", "12.3"), rtd("20260801085900", "12.1")),
            device.seal(rtd("20260801085930", "40.1", "w01018", outlet=DRAIN)),
        ]
    )
    assert failed(write.handler(created(key), CONTEXT)) == []
    gas, water = wired.series.written
    assert (gas.table, gas.subject) == (SeriesTable.GAS, STACK.id)
    assert gas.values["a21026"].tolist() == [12.1, 12.3]
    assert (water.table, water.subject) == (SeriesTable.WATER, DRAIN.id)
    window = wired.windows.told[0]
    assert (window.outlet, window.cause) == (STACK.id, Cause.TELEMETRY)
    assert window.start == EIGHT + timedelta(minutes=59)


def test_frames_that_are_no_real_time_ones_are_not_judged_for_the_curves(
    device: EdgeDevice, wired: SeriesWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    known = wired.registry.outlet_by_mn
    monkeypatch.setattr(wired.registry, "outlet_by_mn", lambda mn: asked.append(mn) or known(mn))
    of_the_hour = wired.bundles.put([device.seal(hour_frame(), hour_frame("2"))])
    assert write.handler(created(of_the_hour), CONTEXT) == {"batchItemFailures": []}
    assert (asked, wired.series.written) == ([], [])
    both = wired.bundles.put([device.seal(hour_frame(), rtd("20260801080000", "12.3"))])
    write.handler(created(both), CONTEXT)
    assert (asked, len(wired.series.written)) == ([STACK.mn], 1)


def test_a_block_is_written_as_it_was_packed(device: EdgeDevice, wired: SeriesWorld) -> None:
    key = wired.bundles.put([device.seal(blocks=(points("unit-1"),))])
    assert failed(write.handler(created(key), CONTEXT)) == []
    (columns,) = wired.series.written
    assert (columns.subject, columns.values["load"].tolist()) == ("unit-1", [1.0, 2.0, 3.5])


def test_a_quarantined_frame_and_a_stranger_draw_no_curve(
    device: EdgeDevice, wired: SeriesWorld
) -> None:
    stranger = replace(STACK, mn="FFFFFFFFFFFFFFFFFFFFFFFF")
    bad = [
        rtd("20260801093000", "1.0"),  # half an hour ahead of its receipt
        rtd("20260801085930", "1.0", outlet=stranger),
        rtd("20260801085930", "1.0", outlet=replace(STACK, password="000000")),
        b"##0010garbage",
    ]
    key = wired.bundles.put([device.seal(*bad)])
    assert failed(write.handler(created(key), CONTEXT)) == []
    assert wired.series.written == []
    assert wired.windows.told == []


def test_what_cannot_be_read_does_not_hold_up_the_rest(
    device: EdgeDevice, wired: SeriesWorld
) -> None:
    other = EdgeDevice(PLATFORM, thing=ThingName("edge-0002"))
    wired.registry.put_device(other.registered())
    key = wired.bundles.put(
        [
            replace(device.seal(), raw=b"garbage"),
            other.seal(blocks=(points(STACK.id),)),  # an outlet behind edge-0001
            device.seal(rtd("20260801085930", "12.3"), blocks=(b"damaged", points("unit-1"))),
        ]
    )
    assert failed(write.handler(created(key), CONTEXT)) == []
    assert [columns.subject for columns in wired.series.written] == ["unit-1", STACK.id]


def test_a_deaf_store_only_queues_up(device: EdgeDevice, wired: SeriesWorld) -> None:
    key = wired.bundles.put([device.seal(rtd("20260801085930", "12.3"), at=EIGHT + HOUR)])
    wired.series.deaf = True
    assert failed(write.handler(created(key), CONTEXT)) == ["m0"]
    assert wired.windows.told == []
    wired.series.deaf = False
    assert failed(write.handler(created(key), CONTEXT)) == []
    assert len(wired.windows.told) == 1


def test_a_missing_bundle_and_a_damaged_event_fail_alone(
    device: EdgeDevice, wired: SeriesWorld
) -> None:
    key = wired.bundles.put([device.seal(rtd("20260801085930", "12.3"))])
    event = created("bundles/none", key)
    event["Records"].append({"messageId": "m2", "eventSource": "aws:sqs", "body": "{"})
    event["Records"].append(
        {"messageId": "m3", "eventSource": "aws:sqs", "body": '{"Event": "s3:TestEvent"}'}
    )
    assert failed(write.handler(event, CONTEXT)) == ["m0", "m2"]
    assert len(wired.series.written) == 1


def test_the_sample_event_names_a_bundle() -> None:
    event = json.loads((Path(write.__file__).parent / "event.json").read_text("utf-8"))
    (record,) = event["Records"]
    assert write.keys_of(write.SQSRecord(record))[0].startswith("bundles/2026/08/01/")


@pytest.mark.parametrize("code", ["校准", "a b", "time", "subject", "", '"', "a%d", "-"])
def test_a_code_that_can_name_no_channel_takes_no_other_with_it(
    device: EdgeDevice, wired: SeriesWorld, code: str
) -> None:
    said = f"DataTime=20260801085930;a21026-Rtd=12.3,a21026-Flag=N;{code}-Rtd=1,{code}-Flag=N"
    ours = device.seal(frame("2011", said))
    key = wired.bundles.put(
        [ours, device.seal(rtd("20260801085930", "4.1", "w01018", outlet=DRAIN))]
    )
    assert failed(write.handler(created(key), CONTEXT)) == []
    written = {columns.subject: columns for columns in wired.series.written}
    assert set(written) == {STACK.id, DRAIN.id}
    assert list(written[STACK.id].values) == list(written[STACK.id].flags) == ["a21026"]


def test_what_the_store_never_takes_takes_no_other_with_it(
    device: EdgeDevice, wired: SeriesWorld
) -> None:
    wired.series.refused = "a99999"
    said = (
        "DataTime=20260801085930;a21026-Rtd=12.3,a21026-Flag=D"
        ";a99999-Rtd=1,a99999-Flag=N;a21002-Rtd=7,a21002-Flag=N"
    )
    ours = device.seal(frame("2011", said))
    key = wired.bundles.put(
        [ours, device.seal(rtd("20260801085930", "4.1", "w01018", outlet=DRAIN))]
    )
    assert failed(write.handler(created(key), CONTEXT)) == []
    written = {
        code: (columns.subject, values.tolist(), [chr(flag) for flag in columns.flags[code]])
        for columns in wired.series.written
        for code, values in columns.values.items()
    }
    assert written == {
        "a21026": (STACK.id, [12.3], ["D"]),
        "a21002": (STACK.id, [7.0], ["N"]),
        "w01018": (DRAIN.id, [4.1], ["N"]),
    }
    assert [one.outlet for one in wired.windows.told] == [STACK.id, DRAIN.id]
