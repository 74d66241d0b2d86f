"""The keys an identity provider signs its tokens with (JWKS)."""

from typing import Any, Protocol


class SigningKeys(Protocol):
    """Public RSA keys by key id."""

    def key(self, kid: str) -> Any | None:  # noqa: ANN401, whatever the JWT library takes as a key
        """Give the public key; None when the provider has no such key.

        Raises:
            Unavailable: the provider did not answer.
        """
