"""The local AWS: how it is started, how one speaks to it."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from infra.local.program import Program, until
from infra.local.settings import ACCOUNT, HOST, REGION, ROOT, Settings

PYTHON = ROOT / ".venv-aws" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("loopback_aws.py")
ACCESS_KEY = "test"
PATIENCE_SECONDS = 20.0
"""Its state is written when it stops; a kill would lose what happened since the last start."""
WARM_SECONDS = 900


def credentials(settings: Settings) -> dict[str, str]:
    """Give the environment with which any AWS program speaks to the local AWS and no other."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": settings.aws_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def local_aws(settings: Settings) -> Program:
    """Give the program: IAM and IoT policies enforced, state kept, nothing open to the network."""
    state = settings.home / "aws"
    temporary = settings.home / "tmp"
    for folder in (state, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    environment = {
        "GATEWAY_PORT": str(settings.aws_port),
        "BIND_HOST": HOST,
        "IOT_MTLS_PORT": str(settings.iot_port),
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_WARM_TTL_SECONDS": str(WARM_SECONDS),
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(temporary),
        "PYTHONUNBUFFERED": "1",
        **_single_threaded(),
    }
    return Program("aws", (str(PYTHON), "-P", str(LAUNCHER)), environment, PATIENCE_SECONDS)


def _single_threaded() -> Mapping[str, str]:
    """Let numerical libraries in the functions start no threads of their own."""
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Aws:
    """Clients for the local AWS; each blocks, so it is called in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.aws_url
        self._session = boto3.Session(
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY, region_name=REGION
        )

    def client(self, service: str) -> Any:  # noqa: ANN401, boto3 makes its classes at run time
        """Give the client of one service."""
        return self._session.client(service, endpoint_url=self._url)

    def iot_authority(self) -> str:
        """Give the certificate authority of the MQTT broker, as PEM."""
        with urllib.request.urlopen(f"{self._url}/_ministack/iot/ca.pem", timeout=30) as answer:  # noqa: S310, our own address
            return str(answer.read().decode())


async def answers(url: str, *, within: float, what: str) -> None:
    """Wait until an address answers with success.

    Raises:
        NotInTime: it does not.
    """
    await until(lambda: asyncio.to_thread(_succeeds, url), within=within, what=what)


def _succeeds(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310, our own address
            return bool(answer.status < 300)  # noqa: PLR2004, HTTP
    except (OSError, urllib.error.URLError):
        return False
