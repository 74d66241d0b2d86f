"""What a plant's instruments measure, and how many digits they print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Channel:
    """One factor as the analyser prints it: HJ 212 code and decimals after the point.

    `converted` says that values at reference oxygen (Zs) go with it; `mass` that the interval's
    discharge [kg] does (HJ 212-2017 annex D, rules 11 and 12).
    """

    code: str
    decimals: int
    converted: bool = False
    mass: bool = False


class Plant(Protocol):
    """A plant that can be asked what it emits at any instant; the same answer for ever."""

    @property
    def st(self) -> str:
        """Give the HJ 212 system code of its frames (ST)."""

    @property
    def flow(self) -> str:
        """Give the code of the flow channel."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Give the channels in the order of the frame."""

    def sample(self, at: datetime) -> Mapping[str, float]:
        """Give the value of each channel, in its concentration unit, at an aware instant."""

    def cubic_metres(self, flow: float, seconds: float) -> float:
        """Give the volume [m3] that a mean flow moves in so many seconds."""

    def factor(self, sample: Mapping[str, float]) -> float:
        """Give what turns a measured concentration into a converted one at this instant."""
