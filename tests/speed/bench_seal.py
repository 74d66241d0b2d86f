"""Sealing and opening segments: signature, key agreement and encryption, one core."""

import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench_codec import best_seconds
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from given_plant import CHANNELS, POINTS, plant_minute

from plume.evidence.envelope import Sealer, open_segment
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Payload, SegmentHeader
from plume.series import block

_AT = datetime(2026, 11, 24, tzinfo=UTC)
_HEADER = SegmentHeader(
    ThingName("edge-sn001"), "boot", 1, CHAIN_START, _AT, _AT + timedelta(minutes=1)
)


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Give seals and opens per second, and points per second from arrays to sealed bytes."""
    sealer, (signing_key, platform_key) = sealer_and_keys()
    columns = plant_minute()
    payload = Payload(blocks=(block.encode(columns),))
    raw = sealer.seal(_HEADER, payload)
    seals = 1 / best_seconds(lambda: sealer.seal(_HEADER, payload))
    opens = 1 / best_seconds(
        lambda: open_segment(raw, signing_key=signing_key, platform_key_pem=platform_key)
    )
    whole = best_seconds(lambda: sealer.seal(_HEADER, Payload((block.encode(columns),))))
    points = CHANNELS * POINTS / whole / 1e6
    density = len(raw) / (CHANNELS * POINTS)
    return [
        ("segment: sealed size, 12,000 points", density, "bytes/point", "<= 1.1", density <= 1.1),
        ("segment: seals", seals, "1/s", ">= 2,500", seals >= 2_500),
        ("segment: opens", opens, "1/s", ">= 2,500", opens >= 2_500),
        ("segment: points encoded and sealed", points, "M points/s", ">= 15", points >= 15),
    ]


def sealer_and_keys() -> tuple[Sealer, tuple[str, bytes]]:
    """Make a device's sealer, and the two keys that open what it seals."""
    device, platform = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    private = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = platform.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    spki = device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    keys = (b64encode(spki).decode(), platform.private_bytes(*private))
    return Sealer(device.private_bytes(*private), public), keys
