"""The platform as the outside sees it: `.plume/local.json`, HTTP, TCP. No code of Plume."""

import json
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.e2e.data_logger import DataLogger

Answer = TypeVar("Answer")

ANSWER_SECONDS = 30
SOON = 60.0
"""How long a story waits [s] before it fails; speed is measured by `make bench`, not here."""
JSON_1_1 = "application/x-amz-json-1.1"


class Platform:
    """One running platform."""

    def __init__(self, described_by: Path) -> None:
        self._described_by = described_by

    @property
    def description(self) -> dict[str, Any]:
        """Read `local.json` as it is now (a restarted process has a new pid)."""
        found: dict[str, Any] = json.loads(self._described_by.read_text(encoding="utf-8"))
        return found

    @cached_property
    def web_url(self) -> str:
        """Give the address of the page, without a slash at the end."""
        return str(self.description["webUrl"]).rstrip("/")

    def account(self, role: str) -> dict[str, str]:
        """Give the first demo account of a role."""
        found: dict[str, str] = next(
            account for account in self.description["accounts"] if account["role"] == role
        )
        return found

    def collector(self, outlet: str) -> dict[str, Any]:
        """Give the collector an outlet's data logger connects to."""
        found: dict[str, Any] = next(
            collector
            for collector in self.description["collectors"]
            if outlet in {each["outletId"] for each in collector["outlets"]}
        )
        return found

    def logger_of(self, outlet: str) -> DataLogger:
        """Connect as the data logger of an outlet."""
        collector = self.collector(outlet)
        return DataLogger(collector["host"], collector["hj212Port"])

    def log_in(self, role: str) -> "Caller":
        """Log in as a demo account at the user pool itself."""
        account, about = self.account(role), self.description
        answer = httpx.post(
            about["awsEndpointUrl"],
            headers={
                "Content-Type": JSON_1_1,
                "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            },
            json={
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": about["userPoolClientId"],
                "AuthParameters": {
                    "USERNAME": account["username"],
                    "PASSWORD": account["password"],
                },
            },
        )
        answer.raise_for_status()
        token = answer.json()["AuthenticationResult"]["AccessToken"]
        return Caller(about["apiUrl"], token)


class Caller:
    """Someone with an access token."""

    def __init__(self, api_url: str, token: str) -> None:
        self._api_url = api_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: str) -> httpx.Response:
        """Ask for a resource."""
        return httpx.get(
            self._api_url + path, params=query, headers=self._headers, timeout=ANSWER_SECONDS
        )

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Ask for a list and give the items of its first page."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def post(self, path: str, **body: object) -> httpx.Response:
        """Command something."""
        headers = {**self._headers, "Idempotency-Key": str(time.time_ns())}
        return httpx.post(self._api_url + path, json=body, headers=headers, timeout=ANSWER_SECONDS)


def until(ask: Callable[[], Answer], *, what: str, within: float = SOON) -> Answer:
    """Ask until the answer is true of the world; fail with `what` when the time is over."""
    end = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(0.2)
