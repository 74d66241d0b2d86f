"""Start the local AWS with every listener on the loopback interface.

Runs in the interpreter of `.venv-aws`. The gateway binds where BIND_HOST says; the MQTT port
listens to the whole network unless told otherwise here, before it is opened.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

LOOPBACK = "127.0.0.1"
EVERYWHERE = {None, "", "0.0.0.0", "::"}  # noqa: S104, named in order to be refused

Create = Callable[..., Awaitable[asyncio.Server]]


def on_loopback(create: Create) -> Create:
    """Let an event loop's `create_server` open no port to the network."""

    async def create_server(
        loop: asyncio.AbstractEventLoop,
        factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        **options: Any,  # noqa: ANN401, asyncio's own, handed through
    ) -> asyncio.Server:
        open_to_all = options.get("sock") is None and host in EVERYWHERE
        return await create(loop, factory, LOOPBACK if open_to_all else host, port, **options)

    return create_server


def main() -> None:
    """Bind to the loopback, then be ministack."""
    loops = asyncio.base_events.BaseEventLoop
    setattr(loops, "create_server", on_loopback(loops.create_server))  # noqa: B010, mypy knows better
    from ministack.app import main as ministack  # type: ignore[import-not-found]  # noqa: PLC0415

    ministack()


if __name__ == "__main__":
    main()
