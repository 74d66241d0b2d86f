"""What is to be told of routes and certificates, from whoever notices it to the log of notes.

It outlasts one connection: what is noticed while carrying begins anew is written by the next.
"""

import asyncio
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import OutboxFull
from edge_greengrass.uplink.identity import Identity
from edge_greengrass.uplink.notes import Notes
from edge_greengrass.uplink.routes.way_out import RouteState
from plume.model.event import EdgeEvent, SourceHealth, SourceState

AGAIN_SECONDS = 5.0
"""How soon a note for which there was no room is written again."""


class News:
    """Told in the event loop, written in a thread, in order."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: asyncio.Queue[EdgeEvent] = asyncio.Queue()
        self._first: EdgeEvent | None = None

    def route(self, state: RouteState) -> None:
        """A network route works or does not, or is taken."""
        name = state.route.name
        self._journal.tell("route", name=name, works=state.works, taken=state.taken)
        self._health(name, "route", works=state.works, facts={"taken": state.taken})

    def certificate(self, identity: Identity) -> None:
        """This certificate is in use; the cloud may retire those before it."""
        known = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
        facts: dict[str, object] = {
            "certificateId": known.fingerprint(SHA256()).hex(),
            "notAfter": known.not_valid_after_utc.isoformat(),
        }
        self._journal.tell("certificate", **facts)
        self._health("certificate", "certificate", works=True, facts=facts)

    def renewal_failed(self, reason: str) -> None:
        """The certificate is due, and the cloud gives no other."""
        self._journal.tell("renewal_failed", reason=reason)
        self._health("certificate", "certificate", works=False, detail=reason)

    async def write(self, notes: Notes) -> None:
        """Write what is told, for ever; what there is no room for waits."""
        while True:
            if self._first is None:
                self._first = await self._waiting.get()
            try:
                await asyncio.to_thread(notes.tell, self._first)
                self._first = None
            except (OutboxFull, OSError) as fault:
                self._journal.tell("note_waits", reason=f"{type(fault).__name__}: {fault}")
                await asyncio.sleep(AGAIN_SECONDS)

    def _health(
        self,
        source: str,
        kind: str,
        *,
        works: bool,
        detail: str = "",
        facts: dict[str, object] | None = None,
    ) -> None:
        state = SourceState.OK if works else SourceState.FAILING
        now = datetime.now(tz=UTC)
        self._waiting.put_nowait(SourceHealth(now, source, kind, state, detail, facts))
