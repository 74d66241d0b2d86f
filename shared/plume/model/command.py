"""Commands that go down to a plant (反控命令): what may be asked of an edge device."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plume.model.identity import OutletId, ThingName


class CommandKind(StrEnum):
    """What is asked; the CN of HJ 212 stands beside those that go on to a data logger."""

    READ_TIME = "read_time"  # 1011
    SET_TIME = "set_time"  # 1012
    SET_INTERVAL = "set_interval"  # 1062, 1064
    READ_INTERVAL = "read_interval"  # 1061, 1063
    SET_PASSWORD = "set_password"  # noqa: S105, 1072: names a command
    FETCH_HISTORY = "fetch_history"  # 2011, 2031, 2051, 2061 with BeginTime and EndTime
    REAL_TIME = "real_time"  # 2011 on, 2012 off
    CALIBRATE = "calibrate"  # 3011
    SAMPLE_NOW = "sample_now"  # 3012
    READ_SITE_INFO = "read_site_info"  # 3020
    SET_PARAMETER = "set_parameter"  # 3021
    SET_MN = "set_mn"  # 1002, HJ 212-2025
    SET_CIPHER_KEY = "set_cipher_key"  # 1014, HJ 212-2025
    SNAPSHOT = "snapshot"
    CLIP = "clip"
    LIVE = "live"
    RELOAD = "reload"


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it goes down to an edge device.

    `id` makes a repetition harmless: the edge obeys an id once. `arguments` are plain JSON, per
    kind. After `expires_at`, aware, it must not be begun any more. `outlet` names the data logger
    or the camera's outlet; None means the device itself.
    """

    id: str
    thing: ThingName
    kind: CommandKind
    issued_at: datetime
    expires_at: datetime
    outlet: OutletId | None = None
    arguments: dict[str, object] | None = None
