"""What outlasts one connection to the cloud: the routes it may take, and the certificate it shows.

Carrying ends and begins anew under a renewed certificate; nothing is lost by that, for what was
under way lies in the outbox until it is acknowledged.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_greengrass.home import WAY_OUT
from edge_greengrass.uplink.configuration import Configuration, Route
from edge_greengrass.uplink.identity import Identity, write_private
from edge_greengrass.uplink.news import News
from edge_greengrass.uplink.renewal import due, renew
from edge_greengrass.uplink.routes.keeper import RouteKeeper
from edge_greengrass.uplink.routes.network_route import Target
from edge_greengrass.uplink.routes.way_out import WayOut
from plume.errors import Refused, Unavailable

LOOK_SECONDS = 3_600.0
"""How often a certificate's age is looked at."""
AGAIN_SECONDS = 300.0
"""How soon a renewal that failed is tried again; a third of the certificate's life is left."""

Carry = Callable[[Configuration], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Renewal:
    """How this device gets a certificate into an identity, and how it proves it."""

    provision: Callable[[Identity], Awaitable[object]]
    proved: Callable[[Identity], Awaitable[object]]


async def by_the_best_route(chosen: Configuration, news: News, carry: Carry) -> None:
    """Carry through whichever of the plant's network routes works, objects of others as well."""
    if not chosen.routes.known or chosen.route is Route.IPC:
        await carry(chosen)
        return
    way = WayOut(
        RouteKeeper(chosen.routes.known, chosen.routes.patience),
        (Target(chosen.broker.host, chosen.broker.port), *chosen.routes.beyond),
        chosen.routes.probe_seconds,
        news.route,
    )
    port = await way.open()
    through = replace(chosen, broker=replace(chosen.broker, proxy_port=port))
    with _offered(chosen.home / WAY_OUT, port):
        async with asyncio.TaskGroup() as both:
            both.create_task(way.run())
            both.create_task(carry(through))


@contextmanager
def _offered(path: Path, port: int) -> Iterator[None]:
    """Say where the proxy is for as long as it is there."""
    with suppress(OSError):  # a full disk; objects go as the system has it until the next start
        write_private(path, json.dumps({"port": port}).encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


async def under_a_valid_certificate(
    chosen: Configuration, identity: Identity, renewal: Renewal, news: News, carry: Carry
) -> None:
    """Carry; begin anew whenever the device's certificate was renewed."""
    if chosen.route is Route.IPC:  # the nucleus has a certificate of its own, and renews it
        await carry(chosen)
        return
    while True:
        carrying = asyncio.create_task(carry(chosen))
        renewing = asyncio.create_task(_renewed(chosen, identity, renewal, news))
        both = {carrying, renewing}
        try:
            ended, _ = await asyncio.wait(both, return_when="FIRST_COMPLETED")
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        for one in ended:
            one.result()


async def _renewed(
    chosen: Configuration, identity: Identity, renewal: Renewal, news: News
) -> None:
    """Return when a renewed certificate is in use."""

    def is_due(certificate: Path) -> bool:
        return due(certificate, datetime.now(tz=UTC), chosen.certificate_life)

    while True:
        if not identity.certificate.exists() or not is_due(identity.certificate):
            await asyncio.sleep(LOOK_SECONDS)
            continue
        try:
            await renew(
                identity,
                fresh=lambda certificate: not is_due(certificate),
                provision=renewal.provision,
                proved=renewal.proved,
            )
        except (Refused, Unavailable) as fault:
            news.renewal_failed(str(fault))
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return
