"""Renewed again and again, a device keeps one certificate and its name."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from edge_greengrass.uplink.identity import Identity
from edge_greengrass.uplink.renewal import due, renew
from plume.errors import Unavailable
from tests.faults.authority import Authority


def renewed(
    identity: Identity, number: int, *, fresh: bool = False, accepted: bool = True
) -> None:
    """Renew once; the certificate says which one it is."""

    async def provision(successor: Identity) -> None:
        if not successor.thing():
            successor.keep_certificate(f"certificate {number}", f"key {number}", "token")
            successor.keep_thing("edge-1")

    async def proved(_: Identity) -> None:
        if not accepted:
            raise Unavailable("not yet")

    asyncio.run(renew(identity, fresh=lambda _: fresh, provision=provision, proved=proved))


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    made = Identity(tmp_path)
    made.keep_certificate("certificate 0", "key 0", "token")
    made.keep_thing("edge-1")
    return made


@pytest.mark.parametrize("longest", [timedelta(days=3_650), timedelta(days=15)])
def test_a_certificate_is_due_when_two_thirds_of_its_life_are_over(
    tmp_path: Path, longest: timedelta
) -> None:
    """It is valid for 30 days; what no key should serve for longer cuts that short."""
    certificate, hour = tmp_path / "certificate.pem", timedelta(hours=1)
    Authority(tmp_path).issue("edge-1", certificate, tmp_path / "key", valid=timedelta(days=30))
    valid = x509.load_pem_x509_certificate(certificate.read_bytes())
    begin = valid.not_valid_before_utc
    spent = min(valid.not_valid_after_utc - begin, longest) * 2 / 3
    assert not due(certificate, begin + spent - hour, longest)
    assert due(certificate, begin + spent + hour, longest)


def test_only_the_newest_certificate_and_key_are_kept(identity: Identity) -> None:
    for number in range(1, 6):
        renewed(identity, number)
        assert identity.certificate.read_text() == f"certificate {number}"
        assert identity.certificate_key.read_text() == f"key {number}"
        assert len(list(identity.folder.rglob("certificate.*"))) == 2
    assert identity.thing() == "edge-1"


def test_what_the_broker_does_not_accept_is_not_taken_into_use(identity: Identity) -> None:
    with pytest.raises(Unavailable):
        renewed(identity, 1, accepted=False)
    assert identity.certificate.read_text() == "certificate 0"


def test_a_fresh_one_that_was_left_over_is_gone_on_with(identity: Identity) -> None:
    with pytest.raises(Unavailable):
        renewed(identity, 1, accepted=False)
    renewed(identity, 2, fresh=True)
    assert identity.certificate.read_text() == "certificate 1"


def test_a_stale_one_that_was_left_over_is_not(identity: Identity) -> None:
    with pytest.raises(Unavailable):
        renewed(identity, 1, accepted=False)
    renewed(identity, 2)
    assert identity.certificate.read_text() == "certificate 2"
