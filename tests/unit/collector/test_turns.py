"""Turns with one data logger."""

import asyncio

from edge_greengrass.collector.dialogue.turns import Turns


class Watched:
    """Who is inside, and who has been together with whom."""

    def __init__(self) -> None:
        self.turns, self.inside = Turns(), set[str]()
        self.together: list[set[str]] = []
        self.go_on = asyncio.Event()

    async def runs(self, name: str, kind: str | None) -> None:
        async with self.turns.beside(kind) if kind else self.turns.alone():
            self.inside.add(name)
            self.together.append(set(self.inside))
            await self.go_on.wait()
            self.inside.discard(name)


async def begun(*wanted: tuple[Watched, str, str | None]) -> list[asyncio.Task[None]]:
    tasks = []
    for watched, name, kind in wanted:
        tasks.append(asyncio.create_task(watched.runs(name, kind)))
        for _ in range(10):
            await asyncio.sleep(0)
    return tasks


async def test_kinds_run_side_by_side_and_one_of_a_kind_at_a_time() -> None:
    watched = Watched()
    tasks = await begun((watched, "a", "1011"), (watched, "b", "1011"), (watched, "c", "2061"))
    assert watched.inside == {"a", "c"}
    watched.go_on.set()
    await asyncio.gather(*tasks)
    assert watched.together[-1] <= {"b", "c"}


async def test_one_that_runs_alone_waits_for_those_inside_and_keeps_newcomers_out() -> None:
    watched = Watched()
    tasks = await begun((watched, "a", "1011"), (watched, "alone", None), (watched, "c", "2061"))
    assert watched.inside == {"a"}
    watched.go_on.set()
    await asyncio.gather(*tasks)
    assert {"alone"} in watched.together
    assert not any("alone" in one and len(one) > 1 for one in watched.together)


async def test_one_that_is_called_off_leaves_the_way_free() -> None:
    watched = Watched()
    first, alone = await begun((watched, "a", "1011"), (watched, "alone", None))
    alone.cancel()
    await asyncio.gather(alone, return_exceptions=True)
    (later,) = await begun((watched, "c", "2061"))
    assert watched.inside == {"a", "c"}
    watched.go_on.set()
    await asyncio.gather(first, later)
