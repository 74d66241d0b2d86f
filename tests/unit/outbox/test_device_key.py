"""The key of an outbox belongs to one piece of hardware, of which one part may be replaced."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pkcs11
import pytest

from edge_greengrass.outbox.device_key import (
    DamagedRing,
    ForeignHardware,
    fingerprint,
    outbox_key,
)
from edge_greengrass.outbox.hardware import hardware
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.outbox.token import BadToken, Token
from plume.model.fingerprint import Fingerprint, Part
from tests.tools import require

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"
OURS = {Part.BOARD: b"B1", Part.CARDS: b"C1", Part.DISKS: b"D1", Part.MACHINE: b"M1"}
THEIRS = {Part.BOARD: b"B2", Part.CARDS: b"C2", Part.DISKS: b"D2", Part.MACHINE: b"M2"}


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", "device one")
    return monkeypatch


def test_the_key_comes_back_and_its_ring_is_private(tmp_path: Path) -> None:
    key = outbox_key(tmp_path / "home", OURS)
    assert outbox_key(tmp_path / "home", OURS) == key
    assert len(key) == 32
    ring = tmp_path / "home" / "outbox.keys"
    assert ring.stat().st_mode & 0o777 == 0o600
    assert key.hex() not in ring.read_text()


def test_two_homes_on_one_device_have_two_keys(tmp_path: Path) -> None:
    assert outbox_key(tmp_path / "a", OURS) != outbox_key(tmp_path / "b", OURS)


@pytest.mark.parametrize("part", sorted(OURS))
def test_any_one_part_may_be_replaced_and_then_another(tmp_path: Path, part: Part) -> None:
    key = outbox_key(tmp_path, OURS)
    repaired = {**OURS, part: b"new"}
    assert outbox_key(tmp_path, repaired) == key
    for next_part in OURS.keys() - {part}:
        home = copytree(tmp_path, tmp_path / next_part)
        assert outbox_key(home, {**repaired, next_part: b"newer"}) == key


def test_a_part_that_is_missing_for_a_while_is_not_forgotten(tmp_path: Path) -> None:
    key = outbox_key(tmp_path, OURS)
    ring = (tmp_path / "outbox.keys").read_bytes()
    without = {part: told for part, told in OURS.items() if part is not Part.CARDS}
    assert outbox_key(tmp_path, without) == key
    assert (tmp_path / "outbox.keys").read_bytes() == ring


@pytest.mark.parametrize(
    ("elsewhere", "equal"),
    [
        (THEIRS, 0),
        ({**THEIRS, Part.MACHINE: b"M1"}, 1),
        ({**THEIRS, Part.MACHINE: b"M1", Part.DISKS: b"D1"}, 2),
    ],
    ids=["another machine", "a copied disk", "the disk itself carried away"],
)
def test_a_disk_is_unreadable_in_another_machine(
    tmp_path: Path, elsewhere: Mapping[Part, bytes], equal: int
) -> None:
    outbox_key(tmp_path, OURS)
    with pytest.raises(ForeignHardware, match=f"^{equal} of 4 parts") as refused:
        outbox_key(tmp_path, elsewhere)
    assert "board, cards" in refused.value.message


def test_a_carried_away_disk_is_unreadable_even_where_the_board_has_no_serial(
    tmp_path: Path,
) -> None:
    """Two of three parts are equal, but both came with the disk."""
    ours = {part: told for part, told in OURS.items() if part is not Part.BOARD}
    outbox_key(tmp_path, ours)
    with pytest.raises(ForeignHardware, match="2 of 3 parts"):
        outbox_key(tmp_path, {**ours, Part.CARDS: b"C2"})


def test_no_slot_of_a_ring_opens_with_other_parts_under_the_right_hashes(tmp_path: Path) -> None:
    """The hashes in the ring are for telling reasons; what opens it is the parts themselves."""
    outbox_key(tmp_path, OURS)
    ring = json.loads((tmp_path / "outbox.keys").read_text())
    outbox_key(tmp_path / "theirs", THEIRS)
    theirs = json.loads((tmp_path / "theirs" / "outbox.keys").read_text())
    (tmp_path / "outbox.keys").write_text(
        json.dumps({**ring, "fingerprint": theirs["fingerprint"]})
    )
    with pytest.raises(DamagedRing, match="slot of"):
        outbox_key(tmp_path, THEIRS)


def test_a_machine_that_has_only_what_a_disk_carries_is_bound_to_nothing(tmp_path: Path) -> None:
    with pytest.raises(ForeignHardware, match="nothing to bind to"):
        outbox_key(tmp_path, {Part.MACHINE: b"M1", Part.DISKS: b"D1"})


@pytest.mark.parametrize("content", [b"", b"{}", b'{"fingerprint": "x", "salt": "", "slots": []}'])
def test_a_damaged_ring_is_told_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    outbox_key(tmp_path, OURS)
    (tmp_path / "outbox.keys").write_bytes(content)
    with pytest.raises(DamagedRing):
        outbox_key(tmp_path, OURS)
    assert (tmp_path / "outbox.keys").read_bytes() == content


def test_simulated_devices_are_different_hardware(
    tmp_path: Path, seeded: pytest.MonkeyPatch
) -> None:
    outbox_key(tmp_path)
    name = fingerprint()
    seeded.setenv("PLUME_FINGERPRINT_SEED", "device two")
    with pytest.raises(ForeignHardware):
        outbox_key(tmp_path)
    assert Fingerprint.of(name).equal_parts(Fingerprint.of(fingerprint())) == frozenset()


def test_the_parts_of_a_machine_are_read_from_its_system_files(tmp_path: Path) -> None:
    """A board, one soldered disk, one memory stick, one card on the board, one on USB."""
    files = {
        "etc/machine-id": "0123456789abcdef\n",
        "sys/class/dmi/id/board_serial": "PB-7\n",
        "sys/block/nvme0n1/removable": "0\n",
        "sys/block/nvme0n1/device/serial": "S4EV  \n",
        "sys/block/sda/removable": "1\n",
        "sys/block/sda/device/serial": "STICK\n",
        "sys/devices/pci0/0000:01/net/eth0/address": "02:00:00:00:00:01\n",
        "sys/devices/pci0/usb1/net/eth1/address": "02:00:00:00:00:02\n",
        "sys/devices/virtual/net/lo/address": "00:00:00:00:00:00\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    net = tmp_path / "sys/class/net"
    net.mkdir(parents=True)
    for card in ("pci0/0000:01/net/eth0", "pci0/usb1/net/eth1", "virtual/net/lo"):
        where = tmp_path / "sys/devices" / card
        (net / where.name).symlink_to(where)
        if "virtual" not in card:
            (where / "device").symlink_to(where.parents[1])
    assert hardware(tmp_path) == {
        Part.BOARD: b"PB-7",
        Part.CARDS: b"02:00:00:00:00:01",
        Part.DISKS: b"S4EV",
        Part.MACHINE: b"0123456789abcdef",
    }


def test_a_service_that_may_not_read_the_board_is_given_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "board").write_text("PB-7\n")
    monkeypatch.setenv("PLUME_BOARD_FILE", str(tmp_path / "board"))
    assert hardware(tmp_path / "none") == {Part.BOARD: b"PB-7"}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two tokens of SoftHSM, each with a key of its own that cannot be taken out."""
    require(MODULE, "softhsm2")
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "store").mkdir()
    (folder / "pin").write_text(PIN)
    (folder / "softhsm.conf").write_text(
        f"directories.tokendir = {folder}/store\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm.conf")
    for label in ("ours", "theirs"):
        _make_token(label)
    yield folder
    del os.environ["SOFTHSM2_CONF"]


def _make_token(label: str) -> None:
    made = ["softhsm2-util", "--init-token", "--free", "--label", label]
    command = [*made, "--pin", PIN, "--so-pin", "12345678"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603, fixed words
    library = pkcs11.lib(str(MODULE))
    library.reinitialize()
    with library.get_token(token_label=label).open(user_pin=PIN, rw=True) as session:
        sealed = {pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True}
        session.generate_key(
            pkcs11.KeyType.GENERIC_SECRET,
            256,
            label="plume",
            store=True,
            template=sealed,
            mechanism=pkcs11.Mechanism.GENERIC_SECRET_KEY_GEN,
            capabilities=pkcs11.MechanismFlag.SIGN,
        )
        session.generate_keypair(pkcs11.KeyType.RSA, 2048, label="rsa", store=True)


def use_token(patch: pytest.MonkeyPatch, folder: Path, label: str, key: str = "plume") -> None:
    told = {"module": str(MODULE), "label": label, "key": key, "pinFile": str(folder / "pin")}
    patch.setenv("PLUME_TOKEN", json.dumps(told))


@pytest.mark.parametrize("key", ["plume", "rsa"])
def test_a_token_answers_alike_each_time_and_no_other_token_does(tokens: Path, key: str) -> None:
    ours, theirs = (Token(MODULE, label, key, tokens / "pin") for label in ("ours", "theirs"))
    assert ours.secret(b"a") == ours.secret(b"a")
    assert len({ours.secret(b"a"), ours.secret(b"b"), theirs.secret(b"a")}) == 3


def test_with_a_token_all_else_may_be_replaced_but_not_the_token(
    tmp_path: Path, tokens: Path, seeded: pytest.MonkeyPatch
) -> None:
    use_token(seeded, tokens, "ours")
    key = outbox_key(tmp_path)
    with closing(AppendLog(tmp_path / "intake", key=key, quota_bytes=1 << 20)) as log:
        log.append([b"a frame"])
    seeded.setenv("PLUME_FINGERPRINT_SEED", "all else is new")
    again = AppendLog(tmp_path / "intake", key=outbox_key(tmp_path), quota_bytes=1 << 20)
    assert [content for _, content in again.read(None, 10)] == [b"a frame"]
    use_token(seeded, tokens, "theirs")
    with pytest.raises(ForeignHardware, match="security token"):
        outbox_key(tmp_path)
    seeded.delenv("PLUME_TOKEN")
    with pytest.raises(ForeignHardware, match="security token"):
        outbox_key(tmp_path)


def test_a_device_may_be_given_a_token_later(
    tmp_path: Path, tokens: Path, seeded: pytest.MonkeyPatch
) -> None:
    key = outbox_key(tmp_path)
    use_token(seeded, tokens, "ours")
    assert outbox_key(tmp_path) == key
    seeded.delenv("PLUME_TOKEN")
    with pytest.raises(ForeignHardware, match="security token"):
        outbox_key(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [{"label": "nobody"}, {"key": "nothing"}, {"module": "/nowhere.so"}, {"pinFile": "/nowhere"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_token_that_is_not_there_is_told(tokens: Path, wrong: dict[str, str]) -> None:
    told = {"module": str(MODULE), "label": "ours", "key": "plume", "pinFile": str(tokens / "pin")}
    with pytest.raises(BadToken):
        Token.of({**told, **wrong}).secret(b"a")
