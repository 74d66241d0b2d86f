"""A device whose uplink is down for a while, and what of its chain the cloud's archive holds."""

import json
import os
import signal
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from edge_greengrass import home
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.hardware import simulated
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.private_key import opened, password_of
from edge_greengrass.uplink.ledger import Kind
from edge_greengrass.uplink.spool import Spool
from plume.evidence import payload
from plume.evidence.envelope import Sealer
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.segment import Payload, SegmentHeader
from tests.e2e.platform_under_test import Platform


class Written(NamedTuple):
    """One frame of the past: when the collector had it, whose it is, and its bytes."""

    at: datetime
    mn: str
    raw: bytes


class DeviceAtRest:
    """One device of the platform, by the files it has on its disk."""

    def __init__(self, platform: Platform, thing: str) -> None:
        self._platform, self.thing = platform, thing
        self._edge = Path(platform.description["iot"]["caFile"]).parent
        self._home = self._edge / thing
        self._settings = self._edge / f"{thing}.uplink.json"
        chosen: dict[str, Any] = json.loads(self._settings.read_text(encoding="utf-8"))
        self.bucket = str(chosen["objectStore"]["segmentsBucket"])
        self._uplink = f"uplink-{chosen['serial']}".lower()
        self._parts = simulated(chosen["fingerprintSeed"])

    @contextmanager
    def uplink_down(self) -> Iterator[None]:
        """End the uplink; without its settings it cannot come back until they are there again."""
        away = self._settings.with_suffix(".away")
        self._settings.rename(away)
        try:
            running = self._platform.description["processes"]
            for pid in [one["pid"] for one in running if one["name"] == self._uplink]:
                os.kill(pid, signal.SIGTERM)
            yield
        finally:
            away.rename(self._settings)

    def seal(self, frames: Sequence[Written]) -> dict[int, bytes]:
        """Put a segment for each frame behind the chain in the outbox; give them by number."""
        sealed: dict[int, bytes] = {}
        log = AppendLog(
            self._home / home.OUTBOX,
            key=outbox_key(self._home, self._parts),
            quota_bytes=128 << 20,
        )
        with closing(log):
            spool, sealer = Spool(log), self._sealer()
            for number, frame in enumerate(frames):
                before = spool.end
                assert before is not None, "a device that was heard has a chain"
                sequence = before.sequence + 1
                header = SegmentHeader(
                    ThingName(self.thing), "rest", sequence, before.digest, frame.at, frame.at
                )
                kept = FrameRecord(frame.at, frame.raw, Verdict.OK, frame.mn, acknowledged=True)
                raw = sealer.seal_body(header, payload.encode(Payload(frames=(kept,))))
                kind = Kind.TELEMETRY if number % 5 == 0 else Kind.URGENT
                spool.add(raw, sequence, kind, dict(spool.consumed))
                sealed[sequence] = raw
        return sealed

    def _sealer(self) -> Sealer:
        kept = (self._home / home.IDENTITY / "signing.key").read_bytes()
        signing = opened(kept, password_of(self._home, self._parts))
        return Sealer(signing, (self._edge / "platform-key.pem").read_bytes())


class Archive:
    """The index of segments and the bundles behind it, read by boto3 alone."""

    def __init__(self, platform: Platform, device: DeviceAtRest) -> None:
        self._url, self._thing, self._bucket = (
            platform.description["awsEndpointUrl"],
            device.thing,
            device.bucket,
        )

    def objects(self) -> int:
        """How many objects the device has put."""
        listed = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"backlog/{self._thing}/")
        return int(listed["KeyCount"])

    def count(self) -> int:
        """How many segments of the device are known."""
        return sum(page["Count"] for page in self._pages(Select="COUNT"))

    def entries(self) -> list[dict[str, Any]]:
        """Everything that is known of the device's segments, in the order of their numbers."""
        rows = [row for page in self._pages(ConsistentRead=True) for row in page["Items"]]
        return [json.loads(row["fact"]["S"]) for row in rows]

    def content(self, entry: dict[str, Any]) -> bytes:
        """The bytes of one segment, out of its bundle."""
        whole = self._bundle(entry["bundle"])
        return whole[entry["offset"] : entry["offset"] + entry["length"]]

    def _bundle(self, key: str) -> bytes:
        if key not in self._bundles:
            found = self._s3.get_object(Bucket=self._bucket, Key=key)
            self._bundles[key] = found["Body"].read()
        return self._bundles[key]

    def _pages(self, **more: Any) -> Iterator[dict[str, Any]]:
        pages = self._client("dynamodb").get_paginator("query")
        yield from pages.paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :thing AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":thing": {"S": f"thing#{self._thing}"},
                ":first": {"S": "0" * 20},
                ":last": {"S": "9" * 20},
            },
            **more,
        )

    @cached_property
    def _table(self) -> str:
        stacks = self._client("cloudformation").describe_stacks(StackName="Plume-Data")
        outputs = stacks["Stacks"][0]["Outputs"]
        return next(o["OutputValue"] for o in outputs if o["OutputKey"] == "TableSegments")

    @cached_property
    def _s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def _bundles(self) -> dict[str, bytes]:
        return {}

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


def breaks(entries: Sequence[dict[str, Any]]) -> int:
    """How often a segment does not join the one before it."""
    return sum(
        later["sequence"] != earlier["sequence"] + 1
        or b64decode(later["previous"]) != b64decode(earlier["digest"])
        for earlier, later in pairwise(entries)
    )
