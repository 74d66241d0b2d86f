"""The real CDK app on the local AWS: bootstrapped once, deployed when it has changed."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.commands import run
from infra.local.fingerprint import fingerprint
from infra.local.local_aws import Aws, credentials
from infra.local.settings import ACCOUNT, REGION, ROOT, Settings
from infra.local.written import write_whole
from plume.wire.tables import TABLES

Outputs = Mapping[str, Mapping[str, str]]

CDK = ROOT / "node_modules" / ".bin" / "cdk"
BOOTSTRAPPED = "CDKToolkit"
WATCHED_STACK = "Plume-Api"
COMPLETE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


class Deployment:
    """Deploys the stacks and gives their outputs."""

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self._settings, self._aws = settings, aws
        self._record = settings.home / "deployed.json"
        self._context = _context(settings)

    async def outputs(self) -> Outputs:
        """Give the outputs of the stacks, deploying first unless nothing has changed.

        Raises:
            CommandFailed: the CDK could not do it; the message says why.
        """
        wanted = await asyncio.to_thread(self._wanted)
        known = self._known()
        if known.get("wanted") == wanted and await asyncio.to_thread(self._stands):
            return _typed(known["outputs"])
        outputs = await self._deploy()
        write_whole(self._record, json.dumps({"wanted": wanted, "outputs": outputs}, indent=1))
        return outputs

    def _wanted(self) -> str:
        files = [path for path in (ROOT / "infra").iterdir() if path.name != "local"]
        inputs = [*files, ROOT / "functions", ROOT / "shared" / "plume", ROOT / "cdk.json"]
        locks = [ROOT / "requirements" / "runtime.txt", ROOT / "package-lock.json"]
        return fingerprint(*sorted(inputs), *locks, also=self._context)

    def _known(self) -> dict[str, Any]:
        try:
            known: dict[str, Any] = json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known

    def _stands(self) -> bool:
        return self._status(WATCHED_STACK) in COMPLETE

    def _status(self, stack: str) -> str:
        try:
            found = self._aws.client("cloudformation").describe_stacks(StackName=stack)
        except (BotoCoreError, ClientError):
            return ""
        return str(found["Stacks"][0]["StackStatus"])

    async def _deploy(self) -> Outputs:
        if await asyncio.to_thread(self._status, BOOTSTRAPPED) not in COMPLETE:
            await self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
        answer = self._settings.home / "outputs.json"
        answer.unlink(missing_ok=True)
        await self._cdk(
            "deploy",
            "--all",
            *("--require-approval", "never"),
            *("--method", "direct"),
            *("--concurrency", "4"),
            *("--outputs-file", str(answer)),
        )
        return _typed(json.loads(answer.read_text(encoding="utf-8")))

    async def _cdk(self, *words: str) -> None:
        command = [
            *(str(CDK), *words),
            *("--output", str(self._settings.home / "cdk.out")),
            *("--no-notices", "--ci", "--no-color"),
            *self._context,
        ]
        environment = {
            **credentials(self._settings),
            "CDK_DISABLE_VERSION_CHECK": "1",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }
        await run(command, self._settings.logs / f"cdk-{words[0]}.log", environment)


def series_token(home: Path) -> str:
    """Give the token of the time-series stand-in; made once."""
    kept = home / "series.token"
    if not kept.exists():
        write_whole(kept, secrets.token_urlsafe(24), mode=0o600)
    return kept.read_text(encoding="utf-8")


def tables_of(outputs: Outputs) -> dict[str, str]:
    """Give the environment that names every table, as the functions have it."""
    data = outputs["Plume-Data"]
    return {f"TABLE_{t.name.upper()}": data[f"Table{t.name.capitalize()}"] for t in TABLES}


def _context(settings: Settings) -> list[str]:
    values = {
        "target": "local",
        "endpoint": settings.aws_url,
        "seriesUrl": settings.series_url,
        "seriesToken": series_token(settings.home),
    }
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _typed(found: Mapping[str, Mapping[str, str]]) -> Outputs:
    return {stack: dict(values) for stack, values in found.items()}
