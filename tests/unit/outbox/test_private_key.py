"""A private key on the disk opens on its own hardware alone."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from edge_greengrass.outbox.device_key import ForeignHardware
from edge_greengrass.outbox.hardware import simulated
from edge_greengrass.private_key import is_shut, opened, password_of, shut
from edge_greengrass.uplink.identity import Identity
from tests.given import private_pem

PEM = private_pem(generate_private_key(SECP256R1()))


def test_a_shut_key_opens_with_its_password_alone() -> None:
    locked = shut(PEM, b"ours")
    assert is_shut(locked)
    assert not is_shut(PEM)
    assert opened(locked, b"ours") == PEM
    assert opened(PEM, b"whatever") == PEM
    for number in range(300):  # one wrong password in 256 gives a padding that looks right
        with pytest.raises(ValueError, match="does not open with this password"):
            opened(locked, b"theirs%d" % number)


def test_the_password_comes_back_on_this_hardware_and_not_on_another(tmp_path: Path) -> None:
    ours = password_of(tmp_path, simulated("ours"))
    assert password_of(tmp_path, simulated("ours")) == ours
    with pytest.raises(ForeignHardware):
        password_of(tmp_path, simulated("theirs"))


def test_no_key_of_an_identity_lies_open(tmp_path: Path) -> None:
    identity = Identity(tmp_path, password=b"ours")
    signing, own = identity.signing_key_pem(), identity.own_key_pem()
    identity.keep_certificate("certificate", PEM.decode(), "token")
    identity.successor().keep_certificate("next", PEM.decode(), "token")
    found = sorted(tmp_path.rglob("*.key"))
    assert len(found) == 4
    assert all(is_shut(path.read_bytes()) for path in found)
    again = Identity(tmp_path, password=b"ours")
    assert (again.signing_key_pem(), again.own_key_pem()) == (signing, own)
    assert again.certificate_key_pem() == PEM
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in found)


def test_a_key_that_lay_open_is_shut_when_it_is_used(tmp_path: Path) -> None:
    before = Identity(tmp_path)
    signing = before.signing_key_pem()
    before.keep_certificate("certificate", PEM.decode(), "token")
    assert not is_shut((tmp_path / "signing.key").read_bytes())
    now = Identity(tmp_path, password=b"ours")
    assert now.signing_key_pem() == signing
    assert now.certificate_key_pem() == PEM
    assert all(is_shut(path.read_bytes()) for path in tmp_path.glob("*.key"))
