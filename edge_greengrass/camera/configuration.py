"""What the camera component must know: which cameras, how much film, and where media go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from edge_greengrass.camera.ring import Bounds
from edge_greengrass.settings import Settings, told_as_bad_settings

MEBIBYTE = 1 << 20
CHINA = timezone(timedelta(hours=8))
"""The one legal time of China (北京时间), printed on pictures."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """One camera; `label` is what its pictures say of where they were taken.

    `urls` are its stream and, where it has one, the sub-stream to take when that is no H.264.
    """

    camera: str
    outlet: str
    label: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings; `cameras` by id. `piece` [s] is also what a live view is cut into.

    `look_every` [s] is how often a picture is judged. `keep_alive` [s] is how long a live view
    goes on after it was last asked for. `font` draws labels; without any font for Chinese, the
    id of the camera stands in for a Chinese label.
    """

    thing: str
    home: Path
    cameras: Mapping[str, CameraSettings]
    ring: Bounds
    piece: float = 2.0
    look_every: float = 10.0
    keep_alive: float = 60.0
    log_bytes: int = 16 * MEBIBYTE
    font: Path | None = None


def configuration(found: Settings) -> Configuration:
    """Read the settings.

    Raises:
        BadSettings: one is missing or malformed.
    """
    with told_as_bad_settings("camera"):
        return _configuration(found)


def _configuration(found: Settings) -> Configuration:
    given = Configuration(
        thing=str(found["thing"]),
        home=Path(found["home"]),
        cameras={one["cameraId"]: _camera(one) for one in found["cameras"]},
        ring=Bounds(
            most_bytes=int(found.get("ringBytes", 1024 * MEBIBYTE)),
            longest=timedelta(hours=float(found.get("ringHours", 24))),
        ),
        piece=float(found.get("pieceSeconds", 2)),
        look_every=float(found.get("lookSeconds", 10)),
        keep_alive=float(found.get("keepAliveSeconds", 60)),
        log_bytes=int(found.get("logBytes", 16 * MEBIBYTE)),
        font=Path(found["fontFile"]) if found.get("fontFile") else None,
    )
    if len(given.cameras) != len(found["cameras"]):
        raise ValueError("cameras: a cameraId occurs twice")
    if given.piece <= 0 or given.look_every <= 0 or given.keep_alive <= 0:
        raise ValueError("pieceSeconds, lookSeconds and keepAliveSeconds must be above 0")
    return given


def _camera(one: Settings) -> CameraSettings:
    urls = tuple(str(one[name]) for name in ("url", "subUrl") if name == "url" or one.get(name))
    if any(urlsplit(url).scheme not in {"rtsp", "rtsps"} for url in urls):
        raise ValueError(f"{one['cameraId']}: url, subUrl: not rtsp://")
    return CameraSettings(
        camera=str(one["cameraId"]),
        outlet=str(one["outletId"]),
        label=str(one.get("label") or one["cameraId"]),
        urls=urls,
    )
