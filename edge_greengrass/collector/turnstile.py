"""How many connections there may be, and who must give way when there are more."""

from typing import Protocol


class Guest(Protocol):
    """A connection as the turnstile sees it."""

    @property
    def proven(self) -> bool:
        """Whether it has sent a frame of a known MN with the right PW."""

    def dismiss(self) -> None:
        """Close it."""


class Turnstile:
    """Lets at most `most` connections in; one that has proven itself is never dismissed.

    A newcomer takes the place of the oldest connection that has not yet sent a good frame, so
    that a thousand silent sockets cannot keep a data logger out.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._inside: dict[Guest, None] = {}

    def __len__(self) -> int:
        """How many are inside."""
        return len(self._inside)

    def enter(self, guest: Guest) -> bool:
        """Let the guest in, dismissing another if need be; False when all others are proven."""
        if len(self._inside) >= self.most:
            unproven = next((one for one in self._inside if not one.proven), None)
            if unproven is None:
                return False
            self.leave(unproven)
            unproven.dismiss()
        self._inside[guest] = None
        return True

    def leave(self, guest: Guest) -> None:
        """Forget a guest; one that has left already changes nothing."""
        self._inside.pop(guest, None)
