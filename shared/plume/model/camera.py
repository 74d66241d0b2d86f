"""What looks at an outlet (摄像机)."""

from dataclasses import dataclass

from plume.model.identity import CameraId, EnterpriseId, OutletId, ThingName
from plume.model.outlet import Name


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of an outlet; `thing` is the edge device that pulls its picture (视频点)."""

    id: CameraId
    outlet: OutletId
    enterprise: EnterpriseId
    thing: ThingName
    name: Name
