"""An order (取证任务): a snapshot or a clip that is to be made, brought up and told of."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plume.model.event import MediaKind, SourceHealth


@dataclass(frozen=True, slots=True)
class Order:
    """One picture or piece of film that was asked for.

    `media` names it, alike however often the order is given. `[start, end]` is what it is to show.
    `cause` is the id of a command, then `commanded`, or what happened.
    """

    media: str
    camera: str
    kind: MediaKind
    start: datetime
    end: datetime
    cause: str
    commanded: bool


@dataclass(frozen=True, slots=True)
class Product:
    """What was made of an order, and when: the file beside this record, what it shows in fact."""

    file: str
    made_at: datetime
    start: datetime
    end: datetime
    complete: bool
    sha256: str
    bytes: int


def snapshot_of(health: SourceHealth) -> Order:
    """Order a picture of what is wrong with a camera."""
    moment = f"{health.at:%Y%m%dT%H%M%S}"
    return Order(
        media=f"{MediaKind.SNAPSHOT}-{health.source}-{moment}",
        camera=health.source,
        kind=MediaKind.SNAPSHOT,
        start=health.at,
        end=health.at,
        cause=f"health: {health.detail}",
        commanded=False,
    )


def order_text(order: Order) -> str:
    """Write an order."""
    return json.dumps(
        {
            "media": order.media,
            "camera": order.camera,
            "kind": order.kind.value,
            "start": order.start.isoformat(),
            "end": order.end.isoformat(),
            "cause": order.cause,
            "commanded": order.commanded,
        },
        ensure_ascii=False,
    )


def order_of(text: str) -> Order:
    """Read an order."""
    found: dict[str, Any] = json.loads(text)
    return Order(
        media=found["media"],
        camera=found["camera"],
        kind=MediaKind(found["kind"]),
        start=datetime.fromisoformat(found["start"]),
        end=datetime.fromisoformat(found["end"]),
        cause=found["cause"],
        commanded=found["commanded"],
    )


def product_text(product: Product) -> str:
    """Write a product."""
    return json.dumps(
        {
            "file": product.file,
            "madeAt": product.made_at.isoformat(),
            "start": product.start.isoformat(),
            "end": product.end.isoformat(),
            "complete": product.complete,
            "sha256": product.sha256,
            "bytes": product.bytes,
        }
    )


def product_of(text: str) -> Product:
    """Read a product."""
    found: dict[str, Any] = json.loads(text)
    return Product(
        file=found["file"],
        made_at=datetime.fromisoformat(found["madeAt"]),
        start=datetime.fromisoformat(found["start"]),
        end=datetime.fromisoformat(found["end"]),
        complete=found["complete"],
        sha256=found["sha256"],
        bytes=found["bytes"],
    )
