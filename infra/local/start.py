"""Start the whole platform on this machine, keep it, and stop it in order."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from infra.local import description, web_page
from infra.local.commands import last_words, run
from infra.local.deployment import Deployment, Outputs, series_token, tables_of
from infra.local.description import Description
from infra.local.edge_site import EdgeSite
from infra.local.local_aws import Aws, answers, credentials, local_aws
from infra.local.object_stores import ObjectStores
from infra.local.plants import entries
from infra.local.program import NotInTime, Program, until
from infra.local.settings import HOST, ROOT, Settings
from infra.local.supervisor import Supervisor
from infra.local.written import write_whole

NOTE_SECONDS = 60.0
PYTHON_PATH = {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}


class Progress:
    """Tells a person what happens, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, what: str) -> None:
        """Print one line."""
        print(f"{time.monotonic() - self._began:6.1f} s  {what}", flush=True)


class LocalPlatform:
    """The platform from its first program to its last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._aws = Aws(settings)
        self._site = EdgeSite(settings, self._aws)
        self._programs = Supervisor(settings.logs)
        self._progress = Progress()
        self._programs.ended = self._tell_ended

    async def run(self) -> None:
        """Start everything, then keep it until cancelled.

        Raises:
            CommandFailed: a step broke.
            NotInTime: a program did not come up.
        """
        description.forget(self._settings)
        try:
            outputs = await self._start()
            self._describe(outputs)
            self._welcome()
            await self._note_for_ever()
        finally:
            description.forget(self._settings)
            self._programs.changed = lambda: None
            await self._programs.stop(self._tell_stopping)
            self._progress.tell("stopped; the data are kept")

    async def _start(self) -> Outputs:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._build_page())
            deployed = group.create_task(self._deploy())
        outputs = deployed.result()
        stores = ObjectStores(self._settings, outputs)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._enter_demo(outputs))
            group.create_task(self._publish_page(outputs))
            group.create_task(asyncio.to_thread(self._site.prepare, stores))
        await self._programs.start(self._proxy(outputs), stores.program(self._site.ca_file))
        await answers(self._settings.web_url, within=60, what="the page")
        await self._start_edge()
        if self._settings.twins:
            await self._programs.start(self._site.twins(), *self._site.films())
            self._progress.tell("the plants' twins speak HJ 212 and play their cameras")
        return outputs

    async def _deploy(self) -> Outputs:
        settings = self._settings
        token = series_token(settings.home)
        await self._programs.start(local_aws(settings), _series(settings, token))
        health = f"{settings.aws_url}/_ministack/health"
        await answers(health, within=60, what="the local AWS")
        await answers(f"{settings.series_url}/health", within=60, what="the time-series store")
        self._progress.tell("the local AWS and the time-series store answer")
        outputs = await Deployment(settings, self._aws).outputs()
        self._progress.tell("the stacks are deployed")
        return outputs

    async def _build_page(self) -> None:
        await web_page.build(self._settings)
        self._progress.tell("the page is built")

    async def _publish_page(self, outputs: Outputs) -> None:
        bucket = outputs["Plume-Web"]["WebBucket"]
        client = outputs["Plume-Identity"]["UserPoolClientId"]
        await asyncio.to_thread(web_page.upload, self._settings, self._aws, bucket, client)

    async def _enter_demo(self, outputs: Outputs) -> None:
        command = [sys.executable, "-m", "infra.local.enter_demo"]
        environment = {**credentials(self._settings), **tables_of(outputs), **PYTHON_PATH}
        await run(
            [*command, outputs["Plume-Identity"]["UserPoolId"]],
            self._settings.logs / "enter-demo.log",
            environment,
        )
        self._progress.tell("the demo region and its accounts are entered")

    def _proxy(self, outputs: Outputs) -> Program:
        settings, api = self._settings, outputs["Plume-Api"]
        config = settings.home / "web-proxy.json"
        gateway = f"{settings.aws_url}/restapis/{api['RestApiId']}/{api['ApiStage']}"
        chosen = {
            "port": settings.web_port,
            "api": f"{gateway}/_user_request_",
            "login": settings.aws_url,
            "media": f"{settings.aws_url}/{outputs['Plume-Data']['MediaBucketName']}",
            "bucket": outputs["Plume-Web"]["WebBucket"],
        }
        write_whole(config, json.dumps(chosen, indent=1))
        command = (sys.executable, "-m", "infra.local.web_proxy", "--config", str(config))
        return Program("web-proxy", command, {**credentials(settings), **PYTHON_PATH})

    async def _start_edge(self) -> None:
        programs = self._site.programs()
        await self._programs.start(*programs)
        for plant, port in self._site.plants():
            await self._listening(port, f"collector-{plant.serial.lower()}")
        self._progress.tell(f"{len(programs)} edge programs run")
        for plant, _ in self._site.plants():
            await self._provisioned(plant.thing, f"uplink-{plant.serial.lower()}")
        self._progress.tell("every edge device has its own certificate")

    async def _listening(self, port: int, name: str) -> None:
        async def connects() -> bool:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, port)
                writer.close()
                return True
            return False

        await self._soon(connects, name, "listening", 90)

    async def _provisioned(self, thing: str, name: str) -> None:
        named = self._site.name_file(thing)

        async def has_name() -> bool:
            return named.exists()

        await self._soon(has_name, name, "provisioned", 180)

    async def _soon(
        self, ask: Callable[[], Awaitable[bool]], name: str, what: str, within: float
    ) -> None:
        try:
            await until(ask, within=within, what=f"{name} {what}")
        except NotInTime as late:
            raise NotInTime(f"{late}; {last_words(self._settings.logs / f'{name}.log')}") from late

    def _describe(self, outputs: Outputs) -> None:
        told = Description(self._settings, outputs, self._site)
        self._programs.changed = lambda: told.write(self._programs.processes)
        told.write(self._programs.processes)

    def _welcome(self) -> None:
        self._progress.tell(f"ready: {self._settings.web_url}")
        print("\n  account       password                 role", flush=True)
        for each in entries("people"):
            print(f"  {each['username']:<12}  {each['password']:<23}  {each['role']}", flush=True)
        print("\n  Ctrl-C stops everything and keeps the data.", flush=True)

    async def _note_for_ever(self) -> None:
        while True:
            if self._settings.twins:
                self._site.note_twins()
            await asyncio.sleep(NOTE_SECONDS)

    def _tell_ended(self, name: str, status: int) -> None:
        log = self._settings.logs / f"{name}.log"
        self._progress.tell(f"{name} ended ({status}) and is started again; see {log}")

    def _tell_stopping(self, names: Sequence[str]) -> None:
        kinds = sorted({name.split("-")[0] for name in names})
        self._progress.tell(f"stopping {', '.join(kinds)}")


def _series(settings: Settings, token: str) -> Program:
    module = (sys.executable, "-m", "infra.local.series_server")
    where = ("--host", HOST, "--port", str(settings.series_port))
    kept = ("--folder", str(settings.home / "series"), f"--token={token}")
    return Program("series", (*module, *where, *kept), PYTHON_PATH)
