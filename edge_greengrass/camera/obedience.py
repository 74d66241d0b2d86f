"""Commands to cameras (视频反控): each id is obeyed once, none after it has expired."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge_greengrass.camera.archive import Archive
from edge_greengrass.camera.durable import write_durably
from edge_greengrass.camera.live import LiveView
from edge_greengrass.camera.order import Order
from edge_greengrass.camera.shelf import ShelfFull
from edge_greengrass.camera.telling import Teller
from edge_greengrass.settings import Settings
from plume.errors import Refused
from plume.model.command import Command, CommandKind
from plume.model.event import MediaKind, Receipt, ReceiptStage

MOST_CLIP = timedelta(minutes=15)
"""A clip is 5 minutes before to 10 minutes after what happened."""
_REMEMBERED = timedelta(days=7)
"""How long after its expiry an id is still known."""
_FIRST_SIGHT = timedelta(seconds=6)
"""A live view that cannot be seen by then has failed to start."""
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class BadArgument(Refused):
    """The command cannot be obeyed as it stands; the message names the argument."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How far a command has come by now, and the order that is to be begun for it."""

    stage: ReceiptStage
    detail: str = ""
    order: Order | None = None


class Obedience:
    """Obeys the commands of one device."""

    def __init__(
        self,
        archive: Archive,
        views: Mapping[str, LiveView],
        teller: Teller,
        known: "KnownCommands",
        *,
        keep_alive: timedelta,
    ) -> None:
        self._archive, self._views, self._teller = archive, views, teller
        self._known, self._keep_alive = known, keep_alive

    async def obey(self, command: Command, now: datetime) -> None:
        """Obey one command and tell how far it has come.

        The order is kept first and the id noted then, so that a crash in between leaves an order
        from which the id is known again (`resume`), and no order is ever carried out twice. What
        leaves no order is told before its id is noted: a crash in between has it told again. To
        keep a live view on is harmless when repeated, so those ids, one every few seconds while
        someone looks, are not remembered.

        Raises:
            OSError: the disk failed; the command is to be given again.
        """
        if self._known.knows(command.id):
            return
        answer = await self._obeyed(command, now)
        receipt = Receipt(now, command.id, answer.stage, answer.detail)
        if answer.order is None:
            await self._teller.tell(receipt)
            if command.kind is not CommandKind.LIVE:
                self._known.note(command.id, command.expires_at, now)
            return
        self._known.note(command.id, command.expires_at, now)
        self._archive.begin(answer.order)
        await self._teller.tell(receipt)

    def resume(self, now: datetime) -> int:
        """Go on with the orders of the last run; give how many there are."""
        left = self._archive.left()
        for order in left:
            if order.commanded:
                self._known.note(order.cause, now, now)
            self._archive.begin(order)
        return len(left)

    async def _obeyed(self, command: Command, now: datetime) -> Answer:
        if now > command.expires_at:
            return Answer(ReceiptStage.TIMED_OUT, "came after it had expired")
        try:
            view = self._view(command)
            if command.kind is CommandKind.LIVE:
                return await self._live(command, view)
            order = _order(command, now)
            self._archive.keep(order)
        except Refused as fault:
            return Answer(ReceiptStage.REFUSED, fault.message)
        except ShelfFull as fault:
            return Answer(ReceiptStage.FAILED, str(fault))
        return Answer(ReceiptStage.EXECUTING, order=order)

    def _view(self, command: Command) -> LiveView:
        camera = _arguments(command).get("camera")
        view = self._views.get(str(camera))
        if view is None:
            raise BadArgument(f"camera: {camera!r} is none of {sorted(self._views)}")
        return view

    async def _live(self, command: Command, view: LiveView) -> Answer:
        if _arguments(command).get("on") is False:
            await view.end()
            return Answer(ReceiptStage.DONE)
        if await view.keep(self._keep_alive, _FIRST_SIGHT):
            return Answer(ReceiptStage.DONE)
        return Answer(ReceiptStage.FAILED, f"nothing to be seen within {_FIRST_SIGHT.seconds} s")


class KnownCommands:
    """The ids that were obeyed, durably, each until long after it has expired."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._expiries = _expiries(file)

    def knows(self, command: str) -> bool:
        """Whether this id was obeyed."""
        return command in self._expiries

    def note(self, command: str, expires_at: datetime, now: datetime) -> None:
        """Remember an id, and forget those that expired long ago.

        Raises:
            OSError: the disk failed.
        """
        kept = {key: at for key, at in self._expiries.items() if at > now - _REMEMBERED}
        self._expiries = {command: expires_at, **kept}
        found = {key: at.isoformat() for key, at in self._expiries.items()}
        write_durably(self._file, json.dumps(found))


def _order(command: Command, now: datetime) -> Order:
    """Give what a command orders.

    Raises:
        BadArgument: it asks for what cannot be.
    """
    if not _ID.fullmatch(command.id):
        raise BadArgument("id: not of letters, digits, - and _")
    asked = _arguments(command)
    kind = MediaKind(command.kind.value)
    start, end = (now, now) if kind is MediaKind.SNAPSHOT else _span(asked, now)
    return Order(
        media=f"{kind}-{command.id}",
        camera=str(asked["camera"]),
        kind=kind,
        start=start,
        end=end,
        cause=command.id,
        commanded=True,
    )


def _span(asked: Settings, now: datetime) -> tuple[datetime, datetime]:
    try:
        start, end = (datetime.fromisoformat(str(asked[name])) for name in ("start", "end"))
    except (KeyError, ValueError) as fault:
        raise BadArgument(f"start, end: {fault}") from fault
    if start.tzinfo is None or end.tzinfo is None:
        raise BadArgument("start, end: a time names no offset")
    if not timedelta(0) < end - start <= MOST_CLIP or end - now > MOST_CLIP:
        raise BadArgument(f"end: not within {MOST_CLIP} behind start and now")
    return start, end


def _arguments(command: Command) -> Settings:
    return dict(command.arguments or {})


def _expiries(file: Path) -> dict[str, datetime]:
    """Read the ids of the last run; a device that never had a command has no file."""
    if not file.exists():
        return {}
    found = json.loads(file.read_text(encoding="utf-8"))
    return {key: datetime.fromisoformat(at) for key, at in found.items()}
