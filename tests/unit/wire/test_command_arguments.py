"""What a command may bring along: each fault is named by its field."""

import pytest

from plume.errors import Refused
from plume.model.command import CommandKind
from plume.wire.command_arguments import ARGUMENTS, checked_arguments

DAY, NEXT = "2026-11-24T08:00:00+08:00", "2026-11-25T08:00:00+08:00"
LATER = "2026-11-24T08:10:00+08:00"

SOUND: dict[str, dict[str, object]] = {
    "read_time": {},
    "set_time": {"at": DAY},
    "set_interval": {"realTime": 30, "minute": 10},
    "read_interval": {"which": "realTime"},
    "set_password": {"password": "a1B2c3"},
    "fetch_history": {"cn": "2061", "begin": DAY, "end": NEXT},
    "real_time": {"on": False},
    "calibrate": {"factor": "a21026", "type": "span"},
    "sample_now": {"factor": "w01018"},
    "read_site_info": {"factor": "a21026", "info": "i13001"},
    "set_parameter": {"factor": "a21026", "info": "i13007", "value": "1.25"},
    "set_mn": {"serial": "A8900016F0"},
    "set_cipher_key": {"key": "30" * 16},
    "snapshot": {"camera": "stack-cam1"},
    "clip": {"camera": "stack-cam1", "start": DAY, "end": LATER},
    "live": {"camera": "stack-cam1", "on": True},
    "reload": {},
    "law": {},
}


def test_every_kind_has_its_arguments_and_an_example() -> None:
    assert set(ARGUMENTS) == set(CommandKind)
    assert set(SOUND) == {kind.value for kind in CommandKind}


@pytest.mark.parametrize("kind", list(CommandKind))
def test_sound_arguments_go_down_as_they_came(kind: CommandKind) -> None:
    assert checked_arguments(kind, SOUND[kind.value]) == SOUND[kind.value]


@pytest.mark.parametrize("kind", list(CommandKind))
def test_what_is_missing_or_unknown_is_named(kind: CommandKind) -> None:
    for argument in ARGUMENTS[kind]:
        if not argument.optional:
            rest = {k: v for k, v in SOUND[kind.value].items() if k != argument.name}
            assert pointer(kind, rest) == f"/arguments/{argument.name}"
    assert pointer(kind, SOUND[kind.value] | {"colour": 1}) == "/arguments/colour"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("set_time", {"at": "2026-11-24T08:00:00"}),
        ("set_time", {"at": "yesterday"}),
        ("set_interval", {"minute": 7}),
        ("set_interval", {"realTime": True}),
        ("set_password", {"password": "12345"}),
        ("set_password", {"password": "12;456"}),
        ("fetch_history", {"end": "2026-11-24T07:59:59+08:00"}),
        ("fetch_history", {"end": "2027-11-24T08:00:00+08:00"}),
        ("fetch_history", {"cn": "2041"}),
        ("real_time", {"on": 1}),
        ("calibrate", {"factor": "a21026;CN=1072"}),
        ("set_parameter", {"value": "1&&"}),
        ("set_parameter", {"value": "长" * 201}),
        ("set_mn", {"serial": "a;b"}),
        ("set_cipher_key", {"key": "xy" * 16}),
        ("clip", {"end": "2026-11-24T09:00:00+08:00"}),
        ("snapshot", {"camera": "../etc"}),
    ],
)
def test_a_wrong_argument_is_named_in_both_languages(kind: str, wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(Refused) as refused:
        checked_arguments(CommandKind(kind), SOUND[kind] | wrong)
    assert refused.value.pointer == f"/arguments/{name}"
    assert refused.value.message.isascii()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.zh)


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("realTime", 30, True), ("realTime", 29, False), ("realTime", 3600, True),
        ("realTime", 3601, False), ("minute", 30, True), ("minute", 60, False),
    ],
)  # fmt: skip
def test_intervals_are_those_of_table_4(name: str, value: int, *, holds: bool) -> None:
    found = pointer(CommandKind.SET_INTERVAL, {name: value})
    assert found == ("" if holds else f"/arguments/{name}")


def test_no_interval_at_all_is_no_command() -> None:
    assert pointer(CommandKind.SET_INTERVAL, {}) == "/arguments/realTime"


def pointer(kind: CommandKind, given: dict[str, object]) -> str:
    try:
        checked_arguments(kind, given)
    except Refused as fault:
        return fault.pointer
    return ""
