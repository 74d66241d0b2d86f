"""The time of receipt when the clock of the device is set: it never goes back."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_greengrass.collector.steady_clock import SteadyClock

START = 1_800_000_000.0
HOUR, DAY = 3600.0, 86400.0


class Device:
    """A device whose clock can be set."""

    def __init__(self, at_least: float | None = None) -> None:
        self.passed = self.set_by = 0.0
        self.steps: list[timedelta] = []
        earlier = datetime.fromtimestamp(at_least, tz=UTC) if at_least else None
        self.clock = SteadyClock(
            lambda: START + self.passed + self.set_by, lambda: self.passed, earlier
        )
        self.clock.on_step = self.steps.append

    def after(self, seconds: float) -> float:
        self.passed += seconds
        return self.clock.now().timestamp() - START


def test_it_follows_the_clock_of_the_device() -> None:
    device = Device()
    assert [device.after(10), device.after(50)] == [10, 60]
    assert device.steps == []


@pytest.mark.parametrize("step", [HOUR, DAY])
def test_a_clock_set_forward_is_followed_at_once(step: float) -> None:
    device = Device()
    device.set_by = step
    assert device.after(10) == step + 10
    assert device.steps == [timedelta(seconds=step)]


@pytest.mark.parametrize("step", [HOUR, DAY])
def test_a_clock_set_back_is_run_off_at_half_speed(step: float) -> None:
    device = Device()
    assert device.after(10) == 10
    device.set_by = -step
    assert device.after(10) == 15
    assert device.after(step) == 15 + step / 2
    assert device.after(2 * step) == 20 + 2 * step
    assert device.steps == [timedelta(seconds=-step)]


def test_time_never_goes_back_however_often_the_clock_is_set() -> None:
    device = Device()
    given = []
    for step in (HOUR, -DAY, HOUR, -HOUR, DAY, -HOUR):
        device.set_by += step
        given += [device.after(0.5), device.after(30)]
    assert given == sorted(given)
    assert len(device.steps) == 6


def test_a_clock_set_back_by_more_than_a_week_is_followed() -> None:
    device = Device()
    device.set_by = -8 * DAY
    assert device.after(10) == 10 - 8 * DAY


def test_slewing_by_ntp_is_no_step() -> None:
    device = Device()
    for _ in range(100):
        device.set_by += 0.03
        device.after(60)
    assert device.steps == []


def test_a_new_run_goes_on_where_the_last_one_ended_unless_that_was_absurd() -> None:
    assert Device(at_least=START + HOUR).after(2) == HOUR + 1
    assert Device(at_least=START + 400 * DAY).after(2) == 2
    assert Device(at_least=START - HOUR).after(2) == 2


def test_the_lead_over_the_device_is_known() -> None:
    device = Device()
    device.set_by = -HOUR
    device.after(10)
    assert device.clock.lead() == timedelta(seconds=HOUR - 5)
    assert device.clock.shown().timestamp() == START + 10 - HOUR
