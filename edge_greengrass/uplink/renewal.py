"""A device certificate is renewed long before it ends, and taken into use once it has proved good.

The new one is asked for as the first was, by the claim, for the same serial number, hardware and
signing key; so a device whose certificate has expired comes back by the same way. It lies beside
the old one until the broker has accepted a connection under it. A crash at any moment leaves one
of the two in use, and the renewal is taken up where it stood.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from edge_greengrass.uplink.identity import Identity

SPENT = 2 / 3
"""Renewed when so much of its life is over, so that a third is left for trying again."""


def due(certificate: Path, now: datetime, longest: timedelta) -> bool:
    """Whether the certificate, PEM, is to be renewed at aware `now`.

    Its life ends with its validity, or `longest` after its beginning if that comes first: IoT Core
    issues certificates until 2049, which no key should serve.
    """
    known = x509.load_pem_x509_certificate(certificate.read_bytes())
    begin = known.not_valid_before_utc
    life = min(known.not_valid_after_utc - begin, longest)
    return now >= begin + SPENT * life


async def renew(
    identity: Identity,
    *,
    fresh: Callable[[Path], bool],
    provision: Callable[[Identity], Awaitable[object]],
    proved: Callable[[Identity], Awaitable[object]],
) -> None:
    """Get a new certificate, prove it, and let it be the one in use.

    Args:
        identity: whose certificate is due.
        fresh: whether a certificate that was left over is worth going on with.
        provision: gets a certificate and a name into an identity, or goes on with it.
        proved: returns when the broker has accepted it.

    Raises:
        ProvisioningRefused: the cloud declines; the old certificate stays in use.
        Unavailable: the cloud was not reached, or does not accept the new certificate yet.
    """
    successor = identity.successor()
    if successor.thing() and not fresh(successor.certificate):
        successor.forget()
    await provision(successor)
    await proved(successor)
    old = (identity.certificate_key, identity.certificate)
    identity.give_way(successor)
    # The old key is of no more use; left by a crash, its certificate is found not to be fresh.
    identity.successor().forget()
    for one in old:
        one.unlink(missing_ok=True)
