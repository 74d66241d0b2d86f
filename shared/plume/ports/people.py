"""Who may log in, and what they may see (用户)."""

from collections.abc import Sequence
from typing import Protocol

from plume.model.person import Person


class People(Protocol):
    """The users of the platform."""

    def get(self, subject: str) -> Person | None:
        """Give the person the identity provider calls `subject`; None when unknown."""

    def put(self, person: Person) -> None:
        """Enter or replace a person."""

    def all(self) -> Sequence[Person]:
        """Give everyone, by username."""
