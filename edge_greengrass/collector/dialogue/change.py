"""The change of one secret, around the exchange that carries it."""

from dataclasses import dataclass

from edge_greengrass.collector.dialogue.credentials import Credentials, SecretKind
from edge_greengrass.collector.dialogue.exchange import Ending, Outcome
from plume.hj212.requests import key_of, password_of
from plume.model.command import Command, CommandKind


@dataclass(frozen=True, slots=True)
class Change:
    """A new PW or key for one data logger; `begin` and `end` belong into its turn."""

    credentials: Credentials
    mn: str
    kind: SecretKind
    secret: bytes

    def begin(self) -> None:
        """Believe the new secret from before it is sent: its answer may come under it.

        Raises:
            OSError: the disk failed; it must not be sent.
        """
        self.credentials.expect(self.kind, self.mn, self.secret)

    def end(self, outcome: Outcome) -> None:
        """Take it over, or take it back; while nobody knows, both are believed."""
        if outcome.ending is Ending.DONE:
            self.credentials.promote(self.kind, self.mn)
        elif outcome.ending in {Ending.REFUSED, Ending.FAILED}:
            self.credentials.withdraw(self.kind, self.mn)


def change_of(command: Command, mn: str, credentials: Credentials) -> Change | None:
    """Give the change that a command makes; None when it makes none."""
    arguments = command.arguments or {}
    if command.kind is CommandKind.SET_PASSWORD:
        secret = password_of(arguments).encode()
        return Change(credentials, mn, SecretKind.PASSWORD, secret)
    if command.kind is CommandKind.SET_CIPHER_KEY:
        return Change(credentials, mn, SecretKind.KEY, key_of(arguments))
    return None
