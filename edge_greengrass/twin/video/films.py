"""The films that the twins' cameras play; `python -m edge_greengrass.twin.video.films` draws them.

H.264 without B pictures, ten pictures and one key frame per second, as a camera's sub-stream is
set. All have the same parameter sets, so that a camera goes from one to another at a key frame.
"""

import sys
from pathlib import Path

import av
import numpy as np

from edge_greengrass.twin.video.scenery import HEIGHT, SCENES, WIDTH

FOLDER = Path(__file__).parents[1] / "data"
PICTURES_PER_SECOND = 10
_SECONDS = 23
"""No multiple of how often a picture is looked at: no two looks in a row meet the same picture."""
_OPTIONS = {
    "crf": "31",
    "preset": "veryslow",
    "tune": "zerolatency",
    "x264-params": "scenecut=0:threads=1",
}


def film(scene: str) -> Path:
    """Give the file of one scene."""
    return FOLDER / f"{scene}.mp4"


def draw(scene: str) -> None:
    """Draw one film."""
    with av.open(str(film(scene)), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream("libx264", rate=PICTURES_PER_SECOND, options=_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.gop_size = PICTURES_PER_SECOND
        count = _SECONDS * PICTURES_PER_SECOND
        for number in range(count):
            pixels = np.asarray(SCENES[scene](number / count))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode())


def main() -> None:
    """Draw every film."""
    for scene in SCENES:
        draw(scene)
        sys.stdout.write(f"{film(scene).name} {film(scene).stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
