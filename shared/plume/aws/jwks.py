"""The identity provider's keys over HTTPS, cached by key id."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from plume.errors import Unavailable

FLOOR_SECONDS = 30.0
"""An unknown key id fetches again, but not more often: made-up ids must not flood the provider."""
TIMEOUT_SECONDS = 3.0


def fetched(url: str) -> bytes:
    """Fetch the key set; the address comes from the environment, never from a token."""
    with urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310, configured address
        body: bytes = answer.read()
    return body


class Jwks:
    """`plume.ports.signing_keys.SigningKeys` over HTTPS."""

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], bytes] = fetched,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, Any] = {}
        self._fetched_at = float("-inf")

    def key(self, kid: str) -> Any | None:  # noqa: ANN401, see the port
        """Give the public key, fetching the set again when the id is new."""
        if kid not in self._keys and self._clock() - self._fetched_at >= FLOOR_SECONDS:
            self._keys = self._fetched()
            self._fetched_at = self._clock()
        return self._keys.get(kid)

    def _fetched(self) -> dict[str, Any]:
        try:
            entries = json.loads(self._fetch(self._url))["keys"]
            return {str(e["kid"]): PyJWK(e).key for e in entries if _signs_rs256(e)}
        except (OSError, ValueError, KeyError, TypeError, PyJWTError) as failure:
            raise Unavailable(f"key set: {failure!r}") from failure


def _signs_rs256(entry: dict[str, Any]) -> bool:
    return (
        entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "RS256") == "RS256"
    )
