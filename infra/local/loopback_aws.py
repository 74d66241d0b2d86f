"""Start the local AWS with every listener on the loopback interface.

Runs in the interpreter of `.venv-aws`. The gateway binds where BIND_HOST says; the MQTT port
listens to the whole network unless told otherwise here, before it is opened.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from types import ModuleType
from typing import Any

LOOPBACK = "127.0.0.1"
EVERYWHERE = {None, "", "0.0.0.0", "::"}  # noqa: S104, named in order to be refused

Create = Callable[..., Awaitable[asyncio.Server]]
Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


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


def ending_when_saved(app: Application) -> Application:
    """Let the process end once its state is written.

    Else it would wait for invocations under way, whose functions can no longer reach it.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.shutdown.complete":
                os._exit(0)

        await app(scope, receive, sent if scope["type"] == "lifespan" else send)

    return application


READ_ONCE = ("_tokenize", "_condition_syntax_error")
"""What ministack's DynamoDB reads of a condition anew for every item that it looks at."""


def reading_once(dynamodb: ModuleType) -> None:
    """Let a condition's text be taken apart once, not once for each item of its partition.

    These functions know nothing but the text. Without this a query of a few weeks of readings
    takes the local AWS three times as long, and everything else waits for it.
    """
    for name in READ_ONCE:
        setattr(dynamodb, name, _remembered(getattr(dynamodb, name)))


def _remembered(read: Callable[..., Any]) -> Callable[..., Any]:
    found = lru_cache(maxsize=1_024)(read)

    def again(*text: str) -> Any:  # noqa: ANN401, what it reads is ministack's own
        told = found(*text)
        return list(told) if isinstance(told, list) else told

    return again


KEYS = re.compile(r"\(?(#\w+) = (:\w+)(?: AND (#\w+) BETWEEN (:\w+) AND (:\w+))?\)?")
"""A partition, whole or a range of it, as PynamoDB asks for it; the brackets say nothing."""

Attribute = dict[str, Any]
Asked = tuple[str, str, str | None, str, str]


def comparing_at_once(dynamodb: ModuleType) -> None:
    """Compare the keys of an item without a walk through the words of the condition.

    ministack walks for every item of a partition, also for those outside the range: of a query of
    some days of readings that is nearly all of the time. What is not keys of text in the shape
    of `KEYS` takes the old way.
    """
    walk = dynamodb._evaluate_condition  # noqa: SLF001, its one judge of conditions

    def evaluated(
        text: str,
        item: dict[str, Attribute],
        values: dict[str, Attribute],
        names: dict[str, str],
        slot: str = "ConditionExpression",
    ) -> Any:  # noqa: ANN401, ministack's own
        if slot == "KeyConditionExpression" and (asked := _asked(text)):
            found = _lies_within(asked, item, values, names)
            if found is not None:
                return found
        return walk(text, item, values, names, slot=slot)

    setattr(dynamodb, "_evaluate_condition", evaluated)  # noqa: B010, mypy knows better


@lru_cache(maxsize=1_024)
def _asked(text: str) -> Asked | None:
    """Read which names and values a condition on keys holds against each other."""
    found = KEYS.fullmatch(text)
    if found is None or text.startswith("(") != text.endswith(")"):
        return None
    partition, whole, sort, low, high = found.groups()
    return partition, whole, sort, low, high


def _lies_within(
    asked: Asked,
    item: dict[str, Attribute],
    values: dict[str, Attribute],
    names: dict[str, str],
) -> bool | None:
    """Tell whether the item is of the partition and the range; None where ministack must say."""
    partition, whole, sort, low, high = asked
    least = at = most = ""
    try:
        alike = item[names[partition]]["S"] == values[whole]["S"]
        if sort is not None:
            least, at, most = values[low]["S"], item[names[sort]]["S"], values[high]["S"]
    except (KeyError, TypeError):  # no text, or not there
        return None
    return bool(alike and least <= at <= most) if least <= most else None


def main() -> None:
    """Bind to the loopback, end at once when told to, and else be ministack."""
    loops = asyncio.base_events.BaseEventLoop
    setattr(loops, "create_server", on_loopback(loops.create_server))  # noqa: B010, mypy knows better
    from ministack import app as ministack  # type: ignore[import-not-found]  # noqa: PLC0415
    from ministack.services import dynamodb  # type: ignore[import-not-found]  # noqa: PLC0415

    reading_once(dynamodb)
    comparing_at_once(dynamodb)
    ministack.app = ending_when_saved(ministack.app)
    ministack.main()


if __name__ == "__main__":
    main()
