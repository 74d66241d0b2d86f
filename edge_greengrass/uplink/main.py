"""The uplink (上行组件): what the plant says goes up in sealed segments, commands come down.

Reads     every log of `home.UPWARD`
Writes    the outbox, the device's identity, its own notes, the logs of commands,
          `line.json`, `laws.json`
Publishes segments by Basic Ingest, QoS 1, over MQTT 5 or the Greengrass nucleus
Puts      a long backlog as objects into the bucket of segments
Hears     acknowledgements and commands
Says      JSON lines: identity, provisioned, mqtt_connected, line, command_*, law_*, health,
          stopped
On error  nothing is forgotten before the cloud's acknowledgement names it
"""

import asyncio
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import closing
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from edge_greengrass.ending import status_of, told_to_stop
from edge_greengrass.home import IDENTITY, LINE
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import LOCKED_OUT, fingerprint
from edge_greengrass.private_key import password_of
from edge_greengrass.settings import seed_fingerprint, settings
from edge_greengrass.uplink.configuration import Configuration, Route, configuration
from edge_greengrass.uplink.courier import Courier
from edge_greengrass.uplink.desk import Desk
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.identity import Identity, public_key
from edge_greengrass.uplink.ipc_publisher import IpcPublisher
from edge_greengrass.uplink.lasting import (
    Renewal,
    by_the_best_route,
    under_a_valid_certificate,
)
from edge_greengrass.uplink.lawbook import Lawbook
from edge_greengrass.uplink.line import DEAF_SECONDS, Line, watch
from edge_greengrass.uplink.mqtt_publisher import Credentials, MqttPublisher
from edge_greengrass.uplink.news import News
from edge_greengrass.uplink.notes import Notes, rotted
from edge_greengrass.uplink.obeyed import Obeyed
from edge_greengrass.uplink.orders import Orders
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.parcels import Parcels
from edge_greengrass.uplink.provisioning import (
    Application,
    ProvisioningRefused,
    connected,
    provision,
)
from edge_greengrass.uplink.publisher import Publisher
from edge_greengrass.uplink.rooms import Rooms, rooms
from edge_greengrass.uplink.sealing import Author, Sealing
from edge_greengrass.uplink.spool import Spool
from edge_greengrass.uplink.window import Window
from plume.errors import Unavailable
from plume.evidence.envelope import Sealer
from plume.model.identity import ThingName

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
REFUSED_PAUSE = 60.0
OBEYED = "obeyed.json"
PATIENCE_OF_OBJECTS = 9
"""So many times longer than a message an object may go unacknowledged."""


def main(arguments: Sequence[str]) -> int:
    """Run the uplink until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("uplink")

    def work() -> int:
        found = settings("edge_greengrass.uplink", arguments)
        seed_fingerprint(found)
        return asyncio.run(_until_told(configuration(found), journal))

    return status_of(work, journal)


async def _until_told(chosen: Configuration, journal: Journal) -> int:
    """Carry until told to stop, or until something breaks that a restart mends."""
    told = asyncio.create_task(told_to_stop())
    work = asyncio.create_task(_lasting(chosen, journal))
    await asyncio.wait({told, work}, return_when="FIRST_COMPLETED")
    broken = work.done()
    work.cancel()
    told.cancel()
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    if isinstance(outcome, LOCKED_OUT):
        raise outcome
    journal.tell("stopped", reason=repr(outcome) if broken else "told to")
    return 1 if broken else 0


async def _lasting(chosen: Configuration, journal: Journal) -> None:
    """Carry by the best route, under a certificate that is never too old."""
    news = News(journal)

    async def carry_under_it(routed: Configuration) -> None:
        identity = _identity(routed)
        renewal = _renewal(routed, journal)
        await under_a_valid_certificate(
            routed, identity, renewal, news, lambda valid: carry(valid, journal, news)
        )

    await by_the_best_route(chosen, news, carry_under_it)


def _renewal(chosen: Configuration, journal: Journal) -> Renewal:
    async def proved(successor: Identity) -> None:
        shown = _shown(successor)
        await connected(chosen.broker, shown, successor.thing(), _nothing_more)

    return Renewal(
        provision=lambda successor: provision(
            _application(chosen), successor, chosen.broker, chosen.claim, journal
        ),
        proved=proved,
    )


def _identity(chosen: Configuration) -> Identity:
    """Give who this device is; its keys open on this hardware alone."""
    return Identity(chosen.home / IDENTITY, password=password_of(chosen.home))


def _shown(identity: Identity) -> Credentials:
    """Give what the broker is shown; a key that lay open is shut by being looked at."""
    identity.certificate_key_pem()
    return Credentials(identity.certificate, identity.certificate_key, identity.password or b"")


async def _nothing_more(_: object) -> None:
    """Say nothing: that the broker has let us in is all there is to know."""


async def carry(chosen: Configuration, journal: Journal, news: News) -> None:
    """Get a name, then seal, send and obey for ever."""
    chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = _identity(chosen)
    signing = identity.signing_key_pem()
    journal.tell("identity", fingerprint=fingerprint(), signingKey=public_key(signing))
    thing = await _named(chosen, identity, journal)
    if chosen.route is Route.MQTT:
        news.certificate(identity)
    lost = asyncio.Event()
    publisher = _publisher(chosen, thing, identity, journal, lost)
    with rooms(chosen) as logs, closing(Disk()) as disk:
        notes = Notes(logs.notes)
        sealing, outgoing = _outbox(logs, thing, Sealer(signing, chosen.platform_key), notes)
        window = Window(patience=chosen.resend_seconds)
        courier = Courier(sealing, outgoing, publisher, window, disk, journal)
        desk = Desk(_orders(thing, chosen, logs, notes), journal)
        await _side_by_side(
            courier.run(desk.heard),
            desk.run(),
            news.write(notes),
            watch(Line(chosen.home / LINE, _now), courier, sealing, journal),
            _health(chosen, courier, sealing, journal, logs),
            _raise_when(lost),
            *_backlog(thing, chosen, courier, outgoing, disk, journal),
        )


def _backlog(
    thing: str,
    chosen: Configuration,
    courier: Courier,
    outgoing: Outgoing,
    disk: Disk,
    journal: Journal,
) -> list[Coroutine[Any, Any, None]]:
    """Let parcels carry a long backlog, where there is a store to put them into."""
    if not chosen.store:
        return []
    parcels = Parcels(thing, outgoing, chosen.store, disk, journal)
    parcels.patience = PATIENCE_OF_OBJECTS * chosen.resend_seconds
    parcels.heard = lambda: courier.heard(time.monotonic(), DEAF_SECONDS)
    courier.relieved = lambda: parcels.carries
    return [parcels.run()]


async def _side_by_side(*parts: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part)


def _outbox(logs: Rooms, thing: str, sealer: Sealer, notes: Notes) -> tuple[Sealing, Outgoing]:
    """Open the outbox: the way in and the way out."""
    spool = Spool(logs.outbox)
    outgoing = Outgoing(spool, lambda count: notes.tell(rotted(count, _now())))
    return Sealing(logs.upward, spool, _author(thing, sealer)), outgoing


def _orders(thing: str, chosen: Configuration, logs: Rooms, notes: Notes) -> Orders:
    obeyed = Obeyed(chosen.home / OBEYED, logs.downward)
    return Orders(thing, obeyed, Lawbook(chosen.home), notes, _now)


def _now() -> datetime:
    return datetime.now(tz=UTC)


async def _named(chosen: Configuration, identity: Identity, journal: Journal) -> str:
    """Give the thing's name; wait for as long as the cloud cannot or will not tell it."""
    if chosen.route is Route.IPC:
        return chosen.thing
    pause = FIRST_PAUSE
    while True:
        try:
            return await provision(
                _application(chosen), identity, chosen.broker, chosen.claim, journal
            )
        except ProvisioningRefused as fault:
            journal.tell("provisioning_refused", reason=fault.message)
            await asyncio.sleep(REFUSED_PAUSE)
        except Unavailable as fault:
            journal.tell("provisioning_unavailable", reason=str(fault), pause=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _application(chosen: Configuration) -> Application:
    return Application(chosen.template, chosen.serial, fingerprint(), own_key=chosen.own_key)


def _author(thing: str, sealer: Sealer) -> Author:
    return Author(
        thing=ThingName(thing),
        boot=token_hex(8),
        sealer=sealer,
        now=_now,
        clock=time.monotonic,
    )


def _publisher(
    chosen: Configuration, thing: str, identity: Identity, journal: Journal, lost: asyncio.Event
) -> Publisher:
    if chosen.route is Route.MQTT:
        return MqttPublisher(thing, chosen.broker, _shown(identity), journal)
    # Only a Greengrass core has a nucleus to talk to.
    from awsiot.greengrasscoreipc.clientv2 import GreengrassCoreIPCClientV2  # noqa: PLC0415

    return IpcPublisher(thing, GreengrassCoreIPCClientV2(), journal, lost)


async def _health(
    chosen: Configuration, courier: Courier, sealing: Sealing, journal: Journal, logs: Rooms
) -> None:
    while True:
        await asyncio.sleep(chosen.health_seconds)
        journal.tell(
            "health",
            waiting=courier.waiting,
            owed=courier.owed,
            intakeBytes=logs.bytes_waiting,
            outboxBytes=logs.outbox.bytes_used,
            damaged=logs.damaged,
            unreadable=sealing.unreadable,
            **courier.counts,
        )


async def _raise_when(lost: asyncio.Event) -> None:
    await lost.wait()
    raise Unavailable("the nucleus has gone away")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
