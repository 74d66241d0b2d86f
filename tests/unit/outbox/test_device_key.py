"""The key of an outbox belongs to one piece of hardware."""

from pathlib import Path

import pytest

from edge_greengrass.outbox.device_key import fingerprint, outbox_key


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", "device one")


def test_the_key_comes_back_and_its_salt_is_private(tmp_path: Path) -> None:
    key = outbox_key(tmp_path / "home")
    assert outbox_key(tmp_path / "home") == key
    assert len(key) == 32
    assert (tmp_path / "home" / "outbox.salt").stat().st_mode & 0o777 == 0o600


def test_a_copied_disk_gives_another_key_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, name = outbox_key(tmp_path), fingerprint()
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", "device two")
    assert outbox_key(tmp_path) != key
    assert fingerprint() != name


def test_two_homes_on_one_device_have_two_keys(tmp_path: Path) -> None:
    assert outbox_key(tmp_path / "a") != outbox_key(tmp_path / "b")


def test_real_hardware_has_a_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLUME_FINGERPRINT_SEED")
    assert fingerprint() == fingerprint()
    assert len(fingerprint()) == 64
