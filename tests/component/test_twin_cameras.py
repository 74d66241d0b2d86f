"""The twins' cameras speak RTSP to clients that are not ours, and can be covered and turned."""

import socket
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from edge_greengrass.twin.video.films import film
from edge_greengrass.twin.video.scenery import SCENES
from infra.local.plants import entries
from tests.component.cameras import slices, twin_cameras

TCP = {"rtsp_transport": "tcp", "analyzeduration": "500000"}
WITHIN = (20, 20)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    scenes = {"north-cam1": "stack", "south-cam1": "aeration"}
    with twin_cameras(tmp_path_factory.mktemp("site"), scenes) as address:
        yield address


def ask(site: str, request: str) -> str:
    """Send one request over a connection of its own; give the answer."""
    host, port = site.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(request.replace("\n", "\r\n").encode())
        return line.recv(4096).decode()


def brightness(url: str, pictures: int) -> list[float]:
    with av.open(url, options=TCP, timeout=WITHIN) as camera:
        decoded = islice(camera.decode(video=0), pictures)
        return [float(np.asarray(one.to_ndarray(format="gray")).mean()) for one in decoded]


def test_another_client_gets_the_very_slices_of_the_film_in_their_order(site: str) -> None:
    got = list(islice(slices(f"rtsp://{site}/south-cam1", options=TCP, timeout=WITHIN), 25))
    whole = list(slices(str(film("aeration")), length_prefixed=True))
    begin = whole.index(got[0])
    assert got == (whole + whole)[begin : begin + 25]


def test_time_stamps_tell_ten_pictures_a_second(site: str) -> None:
    url = f"rtsp://{site}/north-cam1"
    with av.open(url, options=TCP, timeout=WITHIN) as camera:
        stamps = [one.pts for one in islice(camera.demux(video=0), 1, 12)]
    assert np.diff(stamps).tolist() == [9000] * 10, "of 90,000 a second"


def test_a_camera_that_does_not_exist_is_refused(site: str) -> None:
    with pytest.raises(av.error.HTTPNotFoundError):
        av.open(f"rtsp://{site}/nobody-cam9", options=TCP, timeout=WITHIN)


def test_pictures_by_udp_are_refused(site: str) -> None:
    asked = "SETUP rtsp://x/north-cam1/video RTSP/1.0\nCSeq: 3\nTransport: RTP/AVP;unicast;"
    told = ask(site, f"{asked}client_port=5000-5001\n\n")
    assert told.startswith("RTSP/1.0 461 ")
    assert "CSeq: 3" in told


def test_nothing_is_played_that_was_not_set_up(site: str) -> None:
    told = ask(site, "PLAY rtsp://x/north-cam1 RTSP/1.0\nCSeq: 4\n\n")
    assert told.startswith("RTSP/1.0 455 ")


def test_noise_on_the_line_costs_only_its_own_connection(site: str) -> None:
    assert ask(site, "\n\n\n\n").startswith("RTSP/1.0 405 ")
    assert len(brightness(f"rtsp://{site}/north-cam1", 3)) == 3


def test_a_covered_camera_shows_it_to_who_is_already_looking(tmp_path: Path) -> None:
    with twin_cameras(tmp_path, {"cam": "stack"}) as address:
        url = f"rtsp://{address}/cam"
        with av.open(url, options=TCP, timeout=WITHIN) as camera:
            light = (np.asarray(one.to_ndarray(format="gray")).mean() for one in camera.decode())
            assert next(light) > 120
            body = "scene: stack-covered\n"
            head = f"SET_PARAMETER {url} RTSP/1.0\nCSeq: 1\nContent-Length: {len(body) + 1}\n\n"
            assert ask(address, head + body).startswith("RTSP/1.0 200 ")
            dark = next(place for place, each in enumerate(light) if each < 70)
        assert dark < 30, "at a key frame, of which there is one each second"
        refused = ask(address, f"SET_PARAMETER {url} RTSP/1.0\nContent-Length: 9\n\nscene: sea")
        assert refused.startswith("RTSP/1.0 400 ")


@pytest.mark.parametrize("scene", SCENES)
def test_a_film_is_small_has_a_key_frame_each_second_and_never_stands_still(scene: str) -> None:
    assert film(scene).stat().st_size < 500_000
    with av.open(str(film(scene))) as opened:
        packets = [one for one in opened.demux(video=0) if one.size]
    assert [one.is_keyframe for one in packets] == [n % 10 == 0 for n in range(len(packets))]
    with av.open(str(film(scene))) as opened:
        first, *others = [one.to_ndarray(format="gray") for one in opened.decode(video=0)][::10]
    stands_still = all((first == other).all() for other in others)
    assert stands_still == (scene == "black")


def test_every_camera_of_the_demo_region_has_a_film() -> None:
    for enterprise in entries("enterprises"):
        for outlet in enterprise["outlets"]:
            for camera in outlet.get("cameras", ()):
                assert camera["cameraId"].startswith(f"{outlet['outletId']}-cam")
                assert film(camera["scene"]).exists(), camera["scene"]
