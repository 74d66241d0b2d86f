"""What the host may change in a data logger, and what the logger remembers of it."""

from dataclasses import dataclass, field

from edge_greengrass.twin.configuration import PlantSettings

MINUTE_INTERVAL = 10


@dataclass(slots=True)
class Habits:
    """The state of a data logger that requests read and set; `mn` is empty until it is named.

    `interval` [s] is RtdInterval, `minute` [min] MinInterval. `key` is the SM4 key, None for one
    that does not encipher. `noted` are site parameters by (PolId, InfoId).
    """

    interval: int
    password: str
    mn: str
    key: bytes | None = None
    former_key: bytes | None = None
    minute: int = MINUTE_INTERVAL
    real_time: bool = True
    noted: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: PlantSettings) -> "Habits":
        """Give those that a data logger is delivered with."""
        key = bytes.fromhex(settings.key) if settings.key else None
        return cls(settings.interval, settings.password, settings.mn, key)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys under which a request may come, the current one first."""
        return tuple(one for one in (self.key, self.former_key) if one)
