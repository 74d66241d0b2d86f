"""Edge events and commands survive their way over the wire, and refuse what they are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest

from plume.model.command import Command, CommandKind
from plume.model.event import (
    ClockOffset,
    EdgeEvent,
    GapFill,
    GapRecord,
    LawInForce,
    Loss,
    MediaKind,
    MediaManifest,
    MediaObject,
    Receipt,
    ReceiptStage,
    SourceHealth,
    SourceState,
)
from plume.model.identity import OutletId, ThingName
from plume.wire.commands import BadCommand, command_message, command_of
from plume.wire.events import BadEvent, event_fields, event_of

AT = datetime(2026, 11, 25, 1, 2, 3, 456000, tzinfo=UTC)
OUTLET = OutletId("bench-gas-1")
EVENTS: tuple[EdgeEvent, ...] = (
    Receipt(AT, "c-1", ReceiptStage.DONE, result={"SystemTime": "20261125090203"}),
    ClockOffset(AT, OUTLET, "edge", timedelta(milliseconds=-2_500), 20),
    SourceHealth(AT, "plc-1", "modbus", SourceState.SILENT, "no answer", {"polls": 7}, OUTLET),
    GapRecord(AT, "telemetry", Loss.THINNED, AT - timedelta(hours=1), AT, 720_000, "disk"),
    GapFill(AT, OUTLET, "2051", AT - timedelta(hours=1), AT, 7, 5, closed=True, detail="none"),
    MediaManifest(
        *(AT, "m-1", "cam-1", OUTLET, MediaKind.CLIP, AT - timedelta(minutes=5), AT),
        objects=(MediaObject("media/edge-1/cam-1/m-1.mp4", "ab" * 32, 1_000),),
        cause="c-1",
    ),
    LawInForce(AT, OUTLET, 7),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: type(one).__name__)
def test_an_event_comes_out_of_a_segment_as_it_went_in(event: EdgeEvent) -> None:
    assert event_of(cbor2.loads(cbor2.dumps(event_fields(event)))) == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: type(one).__name__)
def test_an_event_without_one_of_its_fields_is_refused(event: EdgeEvent) -> None:
    fields = event_fields(event)
    for name in fields:
        with pytest.raises(BadEvent):
            event_of({key: value for key, value in fields.items() if key != name})


@pytest.mark.parametrize("version", [-1, 1 << 54, True, "7", 7.0])
def test_a_version_of_a_law_is_a_whole_number_that_json_can_tell(version: object) -> None:
    with pytest.raises(BadEvent, match="law"):
        event_of(event_fields(LawInForce(AT, OUTLET, 7)) | {"version": version})


def test_an_event_of_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(BadEvent, match="weather"):
        event_of({"type": "weather", "at": 0})


COMMAND = Command(
    id="c-1",
    thing=ThingName("edge-1"),
    kind=CommandKind.FETCH_HISTORY,
    issued_at=AT,
    expires_at=AT + timedelta(minutes=5),
    outlet=OUTLET,
    arguments={"cn": "2061"},
)


def test_a_command_arrives_as_it_was_given() -> None:
    assert command_of(command_message(COMMAND)) == COMMAND


@pytest.mark.parametrize(
    "message", [b"", b"[]", b"{}", command_message(replace(COMMAND, id="")), b'{"id":"c-1"}']
)
def test_what_is_no_command_is_refused(message: bytes) -> None:
    with pytest.raises(BadCommand):
        command_of(message)
