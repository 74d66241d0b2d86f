"""The hardware by which a device is known: a few parts, each told by the hash of its identity."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from re import fullmatch
from typing import Self

from plume.errors import Refused

SHARE_NEEDED = (2, 3)
"""At least two thirds of the registered parts must be equal: one of three or four may be new."""


class Part(StrEnum):
    """One part of a machine (硬件部件)."""

    TOKEN = "token"  # noqa: S105, the name of a part
    """A key that a TPM 2.0 or another security token holds and never gives out."""
    BOARD = "board"
    CARDS = "cards"
    """The network cards that sit on the board."""
    DISKS = "disks"
    """The disks that cannot be pulled out."""
    MACHINE = "machine"
    """The name that the operating system was installed under."""


ANCHORED = frozenset({Part.TOKEN, Part.BOARD, Part.CARDS})
"""Parts that stay behind when a disk is carried away: without one of them nothing is proved."""


class BadFingerprint(Refused):
    """The text is no fingerprint; the message says where."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The SHA-256 [hex] of each part that a machine has (硬件指纹)."""

    parts: Mapping[Part, str]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `part:digest,part:digest`.

        Raises:
            BadFingerprint: no part, an unknown or doubled one, or no SHA-256.
        """
        parts: dict[Part, str] = {}
        for one in text.lower().split(","):
            name, _, digest = one.partition(":")
            if name not in set(Part) or Part(name) in parts:
                raise BadFingerprint(f"{name[:20]!r} is no part, or stands twice")
            if not fullmatch("[0-9a-f]{64}", digest):
                raise BadFingerprint(f"{name} is no SHA-256")
            parts[Part(name)] = digest
        return cls(parts)

    def __str__(self) -> str:
        """Write it as IoT Core takes the value of an attribute: letters, digits, `:` and `,`."""
        return ",".join(f"{part}:{self.parts[part]}" for part in sorted(self.parts))

    @property
    def bound(self) -> bool:
        """Whether it names anything that a carried-away disk leaves behind."""
        return bool(ANCHORED & self.parts.keys())

    def equal_parts(self, other: Self) -> frozenset[Part]:
        """Give the parts that both have and that are the same."""
        mine = self.parts.items()
        return frozenset(part for part, digest in mine if other.parts.get(part) == digest)

    def objection(self, other: Self) -> str:
        """Say why `other` is not this machine; nothing when it is, at most one part apart."""
        equal = self.equal_parts(other)
        if suffices(equal, self.parts.keys()):
            return ""
        if Part.TOKEN in self.parts:
            return "the security token is not the registered one"
        return (
            f"{len(equal)} of {len(self.parts)} parts of the hardware are the registered ones "
            f"({_listed(equal)}); different or missing: {_listed(self.parts.keys() - equal)}"
        )


def suffices(equal: Collection[Part], registered: Collection[Part]) -> bool:
    """Whether these equal parts make a machine the registered one.

    A token decides alone. Else two thirds are needed, one of them fixed to the board: what is left
    when a disk is put into another machine must never be enough.
    """
    if Part.TOKEN in registered:
        return Part.TOKEN in equal
    share, whole = SHARE_NEEDED
    enough = len(equal) * whole >= len(registered) * share
    return enough and not ANCHORED.isdisjoint(equal)


def least_sets(registered: Collection[Part]) -> Iterator[frozenset[Part]]:
    """Give the smallest sets of parts that suffice, each once."""
    found: list[frozenset[Part]] = []
    for size in range(1, len(registered) + 1):
        for chosen in map(frozenset, combinations(sorted(registered), size)):
            if suffices(chosen, registered) and not any(less <= chosen for less in found):
                found.append(chosen)
                yield chosen


def _listed(parts: Collection[Part]) -> str:
    return ", ".join(sorted(parts)) or "none"
