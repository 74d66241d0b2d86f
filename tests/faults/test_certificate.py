"""A device certificate ages, ends or is revoked; what the data logger was answered arrives."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_greengrass.uplink.identity import Identity
from tests.faults.cloud import THING
from tests.faults.conftest import Scene
from tests.faults.patience import wait_for

NEVER_RENEWS = """
import sys
from edge_greengrass.uplink import lasting
from edge_greengrass.uplink.main import main
lasting.due = lambda certificate, now, longest: False
sys.exit(main(sys.argv[1:]))
"""
"""The negative control: an uplink that lets its certificate end."""


def serial_of(certificate: Path) -> int:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number


def fingerprint_of(certificate: Path) -> str:
    known = x509.load_pem_x509_certificate(certificate.read_bytes())
    return sha256(known.public_bytes(Encoding.DER)).hexdigest()


def certificate_told(here: Scene) -> dict[str, object]:
    """Give what the cloud has heard of the certificate in use."""
    standing = here.cloud.world.standings.of([THING]).get(THING)
    healths = [one for one in standing.sources if one.kind == "certificate"] if standing else []
    return dict(healths[0].facts or {}) if healths else {}


def with_certificate(scene: Callable[..., Scene], valid: timedelta) -> tuple[Scene, Identity]:
    """Give a site whose certificate began two days ago, and a claim to ask for another."""
    here = scene()
    identity = Identity(here.site.home / "identity")
    here.authority.issue(THING, identity.certificate, identity.certificate_key, valid=valid)
    claim = {name: str(here.site.home / f"claim.{name}") for name in ("certificate", "key")}
    here.authority.issue("claim", Path(claim["certificate"]), Path(claim["key"]))
    here.site.reconfigure("uplink", claim=claim)
    return here, identity


@pytest.mark.parametrize("valid", [timedelta(hours=12), timedelta(days=-1)], ids=["late", "over"])
def test_a_certificate_is_renewed_before_it_ends_or_after(
    scene: Callable[..., Scene], valid: timedelta
) -> None:
    here, identity = with_certificate(scene, valid)
    old = serial_of(identity.certificate)
    here.begin()
    assert wait_for(lambda: serial_of(identity.certificate) != old)
    new = serial_of(identity.certificate)
    assert wait_for(lambda: here.cloud.broker.shown[-1:] == [new])
    assert here.cloud.provisioner.registered[-1]["SigningKey"] == here.cloud.device.signing_key
    facts = {"certificateId": fingerprint_of(identity.certificate)}
    assert wait_for(lambda: facts.items() <= certificate_told(here).items())
    before = here.cloud.counts["published"]
    assert wait_for(lambda: here.cloud.counts["published"] > before + 3)
    found = here.judged()
    assert found.tried > 5
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)
    assert here.cloud.provisioner.issued == 1
    assert sorted(identity.folder.rglob("certificate.*")) == sorted(
        (identity.certificate, identity.certificate_key)
    )


def test_an_uplink_killed_while_it_renews_takes_the_renewal_up(
    scene: Callable[..., Scene],
) -> None:
    here, identity = with_certificate(scene, timedelta(hours=12))
    old = serial_of(identity.certificate)
    here.begin()
    assert wait_for(lambda: here.cloud.provisioner.issued > 0)
    here.site.kill("uplink")
    here.site.start()
    assert wait_for(lambda: serial_of(identity.certificate) != old)
    found = here.judged()
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)


def test_a_device_whose_certificate_is_revoked_keeps_everything(
    scene: Callable[..., Scene],
) -> None:
    here = scene()
    identity = Identity(here.site.home / "identity")
    here.cloud.broker.revoked.add(serial_of(identity.certificate))
    logger = here.begin()
    assert wait_for(lambda: len(logger.answered) > 100)
    assert wait_for(lambda: here.cloud.broker.connects > 0)
    assert here.cloud.counts["published"] == 0
    here.cloud.broker.revoked.clear()
    found = here.judged()
    assert found.tried > 100
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)


def test_an_uplink_that_lets_its_certificate_end_is_caught(scene: Callable[..., Scene]) -> None:
    here, identity = with_certificate(scene, timedelta(days=-1))
    old = serial_of(identity.certificate)
    here.site.broken["uplink"] = NEVER_RENEWS
    here.begin()
    assert not wait_for(lambda: serial_of(identity.certificate) != old, seconds=8)
    assert here.cloud.counts["published"] == 0
    assert (
        datetime.now(tz=UTC)
        > x509.load_pem_x509_certificate(identity.certificate.read_bytes()).not_valid_after_utc
    )
