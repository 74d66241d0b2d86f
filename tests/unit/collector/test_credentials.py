"""PW and keys through a change: what is believed before, during, and after it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_greengrass.collector.configuration import Station
from edge_greengrass.collector.dialogue.credentials import Credentials, SecretKind
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from plume.hj212 import encode
from plume.hj212.frame import decode

MN = "010000A8900016F000169DC0"
OLD, NEW = b"0" * 16, bytes(range(16))
STATION = Station("o", MN, "31", "123456", (OLD,))
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DEVICE_KEY = b"k" * 32


class Held:
    """Credentials on one file, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "credentials"
        self.now = NOW
        self.held = self.again()

    def again(self, station: Station = STATION) -> Credentials:
        file = SealedFile(self.path, DEVICE_KEY)
        self.held = Credentials({MN: station}, file, lambda: self.now)
        return self.held

    def believed(self) -> tuple[str, tuple[str, ...], tuple[bytes, ...]]:
        station = self.held.believed()[MN]
        return station.password, station.other_passwords, station.keys


@pytest.fixture
def site(tmp_path: Path) -> Held:
    return Held(tmp_path)


def test_both_are_believed_from_the_sending_on_through_a_restart(site: Held) -> None:
    site.held.expect(SecretKind.PASSWORD, MN, b"newpw1")
    site.held.expect(SecretKind.KEY, MN, NEW)
    site.again()
    assert site.believed() == ("123456", ("newpw1",), (OLD, NEW))


def test_the_former_one_is_believed_for_a_day(site: Held) -> None:
    site.held.expect(SecretKind.KEY, MN, NEW)
    site.held.promote(SecretKind.KEY, MN)
    assert site.believed()[2] == (NEW, OLD)
    site.now += timedelta(hours=24)
    site.again()
    assert site.believed()[2] == (NEW,)


def test_a_data_logger_that_is_taken_away_and_put_back_is_believed_as_before(site: Held) -> None:
    other = "010000A8900016F000169DC9"
    site.held.expect(SecretKind.KEY, MN, NEW)
    site.held.configure({other: replace(STATION, mn=other)})
    site.held.promote(SecretKind.KEY, MN)
    site.held.withdraw(SecretKind.KEY, MN)
    site.held.expect(SecretKind.PASSWORD, other, b"newpw1")
    site.held.configure({MN: STATION})
    assert site.believed()[2] == (OLD, NEW)


def test_a_refusal_takes_the_new_one_back(site: Held) -> None:
    site.held.expect(SecretKind.PASSWORD, MN, b"newpw1")
    site.held.withdraw(SecretKind.PASSWORD, MN)
    assert site.believed()[:2] == ("123456", ())


def test_a_frame_under_the_new_secret_proves_it_when_the_answer_was_lost(site: Held) -> None:
    site.held.expect(SecretKind.PASSWORD, MN, b"newpw1")
    site.held.expect(SecretKind.KEY, MN, NEW)
    raw = encode.frame(
        qn="20261124120000000",
        st="31",
        cn="2011",
        password="newpw1",
        mn=MN,
        flag=9,
        cp="DataTime=20261124120000;a21026-Rtd=25.0,a21026-Flag=N",
        key=NEW,
    )
    site.held.proven(decode(raw, keys=(NEW,)), raw)
    assert site.believed() == ("newpw1", ("123456",), (NEW, OLD))


def test_a_secret_changed_in_the_configuration_wins_over_what_was_noted(site: Held) -> None:
    site.held.expect(SecretKind.PASSWORD, MN, b"newpw1")
    site.held.promote(SecretKind.PASSWORD, MN)
    site.again(replace(STATION, password="third1"))
    assert site.believed()[:2] == ("third1", ())


def test_secrets_are_not_readable_on_the_disk_and_damage_falls_back_to_the_settings(
    site: Held,
) -> None:
    site.held.expect(SecretKind.PASSWORD, MN, b"newpw1")
    sealed = site.path.read_bytes()
    assert b"newpw1" not in sealed
    site.path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    site.again()
    assert site.believed()[:2] == ("123456", ())
    assert site.path.with_suffix(".damaged").exists()
