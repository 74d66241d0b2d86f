"""The archive (取证归档): makes what was ordered, brings it up, tells of it, then forgets it.

Each step is durable before the next begins and harmless when it is done again: the object is the
same under the same key, and a manifest of the same media is the same fact.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from edge_greengrass.camera.clip import is_complete, write_clip
from edge_greengrass.camera.configuration import CHINA
from edge_greengrass.camera.eye import Eye
from edge_greengrass.camera.order import Order, Product
from edge_greengrass.camera.piece import Piece
from edge_greengrass.camera.shelf import Shelf
from edge_greengrass.camera.still import last_still
from edge_greengrass.camera.telling import Teller
from edge_greengrass.camera.watermark import watermarked
from edge_greengrass.object_store import ObjectStore
from plume.errors import Unavailable
from plume.model.event import (
    EdgeEvent,
    MediaKind,
    MediaManifest,
    MediaObject,
    Receipt,
    ReceiptStage,
)
from plume.model.identity import OutletId
from plume.wire.names import MEDIA_PREFIX

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0
_PATIENCE = timedelta(seconds=20)
"""How long a clip waits after its end for the piece that shows the end, and a snapshot for film of
now; so old may be what a snapshot shows."""
_CONTENT = {"jpg": "image/jpeg", "mp4": "video/mp4"}


class NothingFilmed(Exception):
    """The ring shows nothing of what was asked for."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the archive works with; `font` draws the labels of pictures.

    `waits` is told which media cannot be brought up for now, and why.
    """

    thing: str
    eyes: Mapping[str, Eye]
    shelf: Shelf
    store: ObjectStore
    teller: Teller
    now: Callable[[], datetime] = lambda: datetime.now(tz=UTC)
    font: Path | None = None
    waits: Callable[[str, str], None] = lambda _media, _why: None


class Archive:
    """Works through orders side by side; one at a time is in memory to be brought up."""

    def __init__(self, around: Surroundings, group: asyncio.TaskGroup) -> None:
        self._around, self._group = around, group
        self._one_up = asyncio.Semaphore(1)
        self._begun: set[str] = set()

    def left(self) -> tuple[Order, ...]:
        """Give the orders that wait, as a start finds them."""
        return tuple(self._around.shelf.orders())

    def keep(self, order: Order) -> None:
        """Keep an order durably, without beginning it.

        Raises:
            ShelfFull: too many wait.
            OSError: the disk failed.
        """
        self._around.shelf.put(order)

    def begin(self, order: Order) -> None:
        """Begin with an order that is kept; one that is under way is not begun again."""
        if order.media not in self._begun:
            self._begun.add(order.media)
            self._group.create_task(self._carry_out(order))

    async def _carry_out(self, order: Order) -> None:
        shelf, eye = self._around.shelf, self._around.eyes.get(order.camera)
        try:
            product = shelf.product(order)
            if product is None:
                product = await self._made(order, eye)
                shelf.keep_product(order, product)
            item = await self._brought_up(order, product)
            await self._around.teller.tell(*self._news(order, product, item))
        except (NothingFilmed, OSError) as fault:
            await self._around.teller.tell(*self._failure(order, fault))
        shelf.remove(order)
        self._begun.discard(order.media)

    async def _made(self, order: Order, eye: Eye | None) -> Product:
        if eye is None:
            raise NothingFilmed(f"{order.camera} is no camera of this device")
        if order.kind is MediaKind.SNAPSHOT:
            await self._until_seen(order, eye)
            return await asyncio.to_thread(self._snapshot, order, eye)
        await self._until_filmed(order, eye)
        return await asyncio.to_thread(self._clip, order)

    async def _until_seen(self, order: Order, eye: Eye) -> None:
        """Wait for film of now, or until there will be none: after a start there is none yet."""
        until = self._around.now() + _PATIENCE
        while not _is_recent(eye.ring.newest, order) and self._around.now() < until:
            await eye.next_piece(timedelta(seconds=5))

    async def _until_filmed(self, order: Order, eye: Eye) -> None:
        """Hold on to the film as it comes until the end is filmed, or will not be."""
        while True:
            self._around.shelf.link(order, eye.ring.pieces(order.start, order.end))
            newest, now = eye.ring.newest, self._around.now()
            filmed = newest is not None and newest.end >= order.end
            if (filmed and now >= order.end) or now > order.end + _PATIENCE:
                return
            await eye.next_piece(timedelta(seconds=5))

    def _snapshot(self, order: Order, eye: Eye) -> Product:
        piece = self._shown(order, eye)
        still = last_still(piece)
        camera = eye.camera
        picture = watermarked(
            still, camera.label, outlet=camera.camera, zone=CHINA, font=self._around.font
        )
        (self._around.shelf.place(order) / "snapshot.jpg").write_bytes(picture)
        return self._product("snapshot.jpg", (still.at, still.at, True), picture)

    def _shown(self, order: Order, eye: Eye) -> Piece:
        """Give the newest piece, if it is not older than a picture of now may be."""
        piece = eye.ring.newest
        if piece is None or not _is_recent(piece, order):
            raise NothingFilmed(f"no picture since {piece.end.isoformat() if piece else 'ever'}")
        return piece

    def _clip(self, order: Order) -> Product:
        target = self._around.shelf.place(order) / "clip.mp4"
        pieces = write_clip(self._around.shelf.linked(order), target)
        if not pieces:
            raise NothingFilmed(f"no film of {order.start.isoformat()} to {order.end.isoformat()}")
        whole = is_complete(pieces, order.start, order.end)
        shown = (pieces[0].start, pieces[-1].end, whole)
        return self._product(target.name, shown, target.read_bytes())

    def _product(
        self, file: str, shown: tuple[datetime, datetime, bool], content: bytes
    ) -> Product:
        start, end, complete = shown
        return Product(
            file=file,
            made_at=self._around.now(),
            start=start,
            end=end,
            complete=complete,
            sha256=sha256(content).hexdigest(),
            bytes=len(content),
        )

    async def _brought_up(self, order: Order, product: Product) -> MediaObject:
        """Put the product into the bucket, however long that takes."""
        kind = product.file.rpartition(".")[2]
        day = product.start.astimezone(CHINA).strftime("%Y%m%d")
        prefix = MEDIA_PREFIX.format(thing=self._around.thing)
        key = f"{prefix}{order.camera}/{day}/{order.media}.{kind}"
        path, pause = self._around.shelf.place(order) / product.file, _FIRST_PAUSE
        while True:
            try:
                async with self._one_up:
                    body = await asyncio.to_thread(path.read_bytes)
                    await self._around.store.put(key, body, _CONTENT[kind])
            except Unavailable as fault:
                self._around.waits(order.media, str(fault))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return MediaObject(key, product.sha256, product.bytes)

    def _news(self, order: Order, product: Product, item: MediaObject) -> list[EdgeEvent]:
        """Tell of a product; told again after a crash, the manifest is the same to the letter."""
        camera = self._around.eyes[order.camera].camera
        manifest = MediaManifest(
            at=product.made_at,
            media=order.media,
            camera=order.camera,
            outlet=OutletId(camera.outlet),
            kind=order.kind,
            start=product.start,
            end=product.end,
            objects=(item,),
            cause=order.cause,
            complete=product.complete,
        )
        if not order.commanded:
            return [manifest]
        result: dict[str, object] = {"media": order.media, "complete": product.complete}
        done = Receipt(self._around.now(), order.cause, ReceiptStage.DONE, result=result)
        return [manifest, done]

    def _failure(self, order: Order, fault: Exception) -> list[EdgeEvent]:
        if not order.commanded:
            return []
        detail = f"{type(fault).__name__}: {fault}"
        return [Receipt(self._around.now(), order.cause, ReceiptStage.FAILED, detail=detail)]


def _is_recent(piece: Piece | None, order: Order) -> bool:
    """Whether a piece is there that shows what was to be seen when the order was given."""
    return piece is not None and order.start - piece.end <= _PATIENCE
