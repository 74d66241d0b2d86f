"""The shelf (待办架): orders that are not done yet, each in a folder that outlives a crash.

`order.json` is there first, the film it needs is linked from the ring as it comes, so that the
ring may go on; the product is complete once `product.json` is there. An order is done when its
folder is gone.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_greengrass.camera.durable import sync, write_durably
from edge_greengrass.camera.order import (
    Order,
    Product,
    order_of,
    order_text,
    product_of,
    product_text,
)
from edge_greengrass.camera.piece import Piece, piece_at

MOST_ORDERS = 200
_ORDER, _PRODUCT = "order.json", "product.json"


class ShelfFull(Exception):
    """So many orders wait that no more are taken."""


class Shelf:
    """The orders of all cameras of a device."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, order: Order) -> None:
        """Keep an order durably; giving it again changes nothing.

        Raises:
            ShelfFull: too many wait.
            OSError: the disk failed.
        """
        place = self.place(order)
        if (place / _ORDER).exists():
            return
        if sum(1 for _ in self._folder.iterdir()) >= MOST_ORDERS:
            raise ShelfFull(f"{MOST_ORDERS} orders wait")
        place.mkdir(mode=0o700, exist_ok=True)
        write_durably(place / _ORDER, order_text(order))
        sync(self._folder)

    def orders(self) -> Iterator[Order]:
        """Give what waits; a folder without a whole order was never promised and is deleted."""
        for place in sorted(self._folder.iterdir()):
            if (place / _ORDER).exists():
                yield order_of((place / _ORDER).read_text(encoding="utf-8"))
            else:
                shutil.rmtree(place)

    def place(self, order: Order) -> Path:
        """Give the folder of an order."""
        return self._folder / order.media

    def link(self, order: Order, pieces: Sequence[Piece]) -> None:
        """Hold on to pieces; one that the ring has let go in between is gone."""
        for piece in pieces:
            target = self.place(order) / piece.path.name
            if not target.exists() and piece.path.exists():
                os.link(piece.path, target)

    def linked(self, order: Order) -> tuple[Piece, ...]:
        """Give the pieces that an order holds, in order of time."""
        found = (piece_at(path) for path in self.place(order).iterdir())
        return tuple(sorted(piece for piece in found if piece is not None))

    def keep_product(self, order: Order, product: Product) -> None:
        """Note durably that the product is made; its film is needed no more."""
        place = self.place(order)
        sync(place / product.file)
        write_durably(place / _PRODUCT, product_text(product))
        for piece in self.linked(order):
            piece.path.unlink()

    def product(self, order: Order) -> Product | None:
        """Give what was made of an order, None while nothing is."""
        path = self.place(order) / _PRODUCT
        return product_of(path.read_text(encoding="utf-8")) if path.exists() else None

    def remove(self, order: Order) -> None:
        """The order is done: forget it; forgetting twice is harmless."""
        place = self.place(order)
        (place / _ORDER).unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
