"""What tests start from: a small world, its devices, and what they send."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from plume.evidence.envelope import Sealer, digest
from plume.hj212 import encode
from plume.memory.world import MemoryRegistry
from plume.model.device import Device
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import EnterpriseId, FactorCode, OutletId, RegionCode, ThingName
from plume.model.limit import Basis, Limit
from plume.model.outlet import Medium, Name, Outlet, Region
from plume.model.reading import Origin, Reading, Span
from plume.model.segment import CHAIN_START, Arrival, Payload, SegmentHeader

BEIJING = timezone(timedelta(hours=8))
EIGHT = datetime(2026, 8, 1, 8, tzinfo=BEIJING)
NOW = EIGHT + timedelta(hours=2)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def numbered_qn(number: int, day: datetime) -> str:
    """Give a QN of that day which no other number has: the number in milliseconds of the day."""
    midnight = day.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(milliseconds=number)
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"


STACK = Outlet(
    id=OutletId("stack-1"),
    enterprise=EnterpriseId("power"),
    name=Name("1 号机组", "Unit 1"),
    medium=Medium.GAS,
    region=RegionCode("150502"),
    mn="010000A8900016F000169DC0",
    st="31",
    password="123456",
    thing=ThingName("edge-0001"),
    factors=(FactorCode("a21026"), FactorCode("a19001")),
    reference_oxygen=Decimal(6),
)
DRAIN = Outlet(
    id=OutletId("drain-1"),
    enterprise=EnterpriseId("sewage"),
    name=Name("总排口", "Main outlet"),
    medium=Medium.WATER,
    region=RegionCode("150502"),
    mn="010000A8900016F000169DC1",
    st="32",
    password="123456",
    thing=ThingName("edge-0001"),
    factors=(FactorCode("w01018"),),
)
SO2_LIMIT = Limit(
    id="stack-1-so2",
    outlet=STACK.id,
    factor=FactorCode("a21026"),
    ceiling=Decimal(35),
    unit="mg/m3",
    basis=Basis.CONVERTED,
    span=Span.HOUR,
    standard="超低排放",
    clause="1",
    valid_from=datetime(2020, 1, 1, tzinfo=UTC),
)
COD_LIMIT = Limit(
    id="drain-1-cod",
    outlet=DRAIN.id,
    factor=FactorCode("w01018"),
    ceiling=Decimal(50),
    unit="mg/L",
    basis=Basis.MEASURED,
    span=Span.DAY,
    standard="GB 18918-2002",
    clause="4.1.2",
    valid_from=datetime(2003, 7, 1, tzinfo=UTC),
)


def reading(value: str | None, factor: str = "a21026", **said: object) -> Reading:
    """An hour of the stack from eight o'clock, unless said otherwise."""
    fields: dict[str, object] = {
        "outlet": STACK.id,
        "factor": FactorCode(factor),
        "span": Span.HOUR,
        "start": EIGHT,
        "mean": None if value is None else Decimal(value),
        "flag": "N",
        "valid": True,
        "source": Origin.REPORTED,
        "known_at": EIGHT + HOUR,
    }
    return Reading(**{**fields, **said})  # type: ignore[arg-type]  # builders are loose


def registry() -> MemoryRegistry:
    """Two outlets of two enterprises behind one edge device, not yet heard."""
    made = MemoryRegistry()
    made.put_region(Region(RegionCode("150500"), Name("通辽市", "Tongliao"), ""))
    made.put_outlet(STACK)
    made.put_outlet(DRAIN)
    made.put_limit(SO2_LIMIT)
    made.put_limit(COD_LIMIT)
    return made


def frame(cn: str, data: str, *, outlet: Outlet = STACK, resent: bool = False) -> bytes:
    """One HJ 212-2017 frame of an outlet."""
    return encode.frame(
        qn="20260801090000001", st=outlet.st, cn=cn, password=outlet.password, mn=outlet.mn,
        flag=9 if resent else 5, cp=data, resent=resent,
    )  # fmt: skip


def hour_frame(value: str = "456.0", *, start: str = "20260801080000", flag: str = "N") -> bytes:
    """CN 2061: SO2 measured at 8.5 % oxygen, so that 456.0 converts to 547.2 at 6 %."""
    so2 = f"a21026-Avg={value},a21026-Flag={flag}"
    return frame("2061", f"DataTime={start};{so2};a19001-Avg=8.5,a19001-Flag=N")


@dataclass
class EdgeDevice:
    """A device with its key, that seals what it is given into one chain."""

    platform: EllipticCurvePrivateKey
    thing: ThingName = STACK.thing
    sequence: int = 1_785_000_000_000
    previous: bytes = CHAIN_START
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def registered(self) -> Device:
        """The device as the registry knows it."""
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Device(
            thing=self.thing, serial="0001", enterprise=EnterpriseId("power"),
            fingerprint="ab" * 32, signing_key=b64encode(der).decode(),
        )  # fmt: skip

    def seal(
        self,
        *frames: bytes,
        blocks: tuple[bytes, ...] = (),
        events: tuple[dict[str, object], ...] = (),
        at: datetime = EIGHT + HOUR,
    ) -> Arrival:
        """Seal frames heard at `at` into the next segment, which arrives a second later."""
        records = tuple(FrameRecord(received_at=at, raw=raw, verdict=Verdict.OK) for raw in frames)
        header = SegmentHeader(self.thing, "boot", self.sequence, self.previous, at, at)
        sealer = Sealer(private_pem(self.key), public_pem(self.platform))
        raw = sealer.seal(header, Payload(blocks=blocks, frames=records, events=events))
        self.sequence, self.previous = self.sequence + 1, digest(raw)
        return Arrival(self.thing, raw, at + timedelta(seconds=1))


def private_pem(key: EllipticCurvePrivateKey) -> bytes:
    """The private key, PKCS #8."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: EllipticCurvePrivateKey) -> bytes:
    """The public half."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
