"""Commands that come down (反控): checked, then handed to the component that must obey, once.

| what is wrong with it | what the cloud is told |
| --- | --- |
| not readable, or of a kind not known here | `refused`, when it names an id |
| for another thing | `refused` |
| expired before it came | `timed_out` |
| no room to hand it on | `failed` |

A law (`CommandKind.LAW`) is a state, no deed: its version says whether it is news, and the
sentinel, which judges by it, says so itself.

The stages from `accepted` on are told by the component that obeys.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from edge_greengrass.home import CAMERA_COMMANDS, COLLECTOR_COMMANDS
from edge_greengrass.outbox.log import OutboxFull
from edge_greengrass.uplink.lawbook import Lawbook
from edge_greengrass.uplink.notes import Notes
from edge_greengrass.uplink.obeyed import Obeyed
from plume.errors import Refused
from plume.model.command import Command, CommandKind
from plume.model.event import Receipt, ReceiptStage
from plume.rules.treatment import RULES
from plume.wire.commands import MOST_BYTES, BadCommand, command_message, command_of
from plume.wire.site_law import law_of

_FOR_CAMERAS = frozenset({CommandKind.SNAPSHOT, CommandKind.CLIP, CommandKind.LIVE})


class Orders:
    """Takes command messages; touched by one thread alone.

    Args:
        thing: who we are.
        obeyed: what was handed on already, and how to hand on.
        lawbook: where the law of each outlet is kept.
        notes: where our own receipts go.
        now: the time, aware.
    """

    def __init__(
        self,
        thing: str,
        obeyed: Obeyed,
        lawbook: Lawbook,
        notes: Notes,
        now: Callable[[], datetime],
    ) -> None:
        self._thing, self._obeyed, self._lawbook = thing, obeyed, lawbook
        self._notes, self._now = notes, now

    def take(self, message: bytes) -> Mapping[str, str]:
        """Take one message and say what became of it, for the journal.

        Raises:
            OutboxFull: not even a receipt could be kept; the cloud will hear nothing.
            OSError: there was no room for a law; it is brought again.
        """
        now = self._now()
        try:
            command = command_of(message[:MOST_BYTES])
        except BadCommand as fault:
            return self._refuse_unreadable(message, fault.message, now)
        if command.kind is CommandKind.LAW:
            return self._keep_law(command)
        self._obeyed.forget_expired(now)
        if self._obeyed.knows(command.id):
            return {"event": "command_again", "command": command.id}
        if command.thing != self._thing:
            return self._answer(command, ReceiptStage.REFUSED, f"it is for {command.thing}")
        if command.expires_at <= now:
            return self._answer(command, ReceiptStage.TIMED_OUT, "it had expired when it came")
        return self._hand_on(command)

    def _keep_law(self, command: Command) -> Mapping[str, str]:
        if command.thing != self._thing:
            return {"event": "law_refused", "reason": f"it is for {command.thing}"}
        try:
            law = law_of(command.arguments or {}, rules=RULES)
        except Refused as fault:
            return {"event": "law_refused", "command": command.id, "reason": fault.message}
        event = "law_kept" if self._lawbook.keep(law) else "law_again"
        return {"event": event, "outlet": law.outlet, "version": str(law.version)}

    def _hand_on(self, command: Command) -> Mapping[str, str]:
        log = CAMERA_COMMANDS if command.kind in _FOR_CAMERAS else COLLECTOR_COMMANDS
        message = command_message(command)
        try:
            self._obeyed.hand_on(command.id, log, message, expires_at=command.expires_at)
        except OutboxFull as fault:
            return self._answer(command, ReceiptStage.FAILED, f"no room to hand it on: {fault}")
        return {"event": "command_taken", "command": command.id, "log": log}

    def _answer(self, command: Command, stage: ReceiptStage, detail: str) -> Mapping[str, str]:
        self._notes.tell(Receipt(self._now(), command.id, stage, detail))
        self._obeyed.finish(command.id, command.expires_at)
        return {"event": f"command_{stage.value}", "command": command.id, "reason": detail}

    def _refuse_unreadable(self, message: bytes, why: str, now: datetime) -> Mapping[str, str]:
        """Answer what cannot be read if it says who waits: the cloud may be newer than we are."""
        named = _named(message)
        if named and not self._obeyed.knows(named):
            self._notes.tell(Receipt(now, named, ReceiptStage.REFUSED, why))
            self._obeyed.finish(named, now)
        return {"event": "command_unreadable", "command": named, "reason": why}


def _named(message: bytes) -> str:
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        named = json.loads(message[:MOST_BYTES])["id"]
        return named if isinstance(named, str) else ""
    return ""
