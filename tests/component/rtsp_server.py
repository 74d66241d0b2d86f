"""An RTSP server that is none of ours: Debian's GStreamer, asked through its C interface.

`python rtsp_server.py PORT FRAMES_PER_KEY PATTERN` serves rtsp://127.0.0.1:PORT/camera in H.264,
and /h265 in H.265. It says the port on standard output when it listens, and ends with its standard
input. Port 0 chooses one.
"""

import ctypes
import sys
import threading
from collections.abc import Callable
from typing import Any

PICTURES = (
    "( videotestsrc is-live=true pattern={pattern}"
    " ! video/x-raw,format=I420,width=320,height=180,framerate=10/1"
)
STREAMS = {
    "/camera": " ! openh264enc gop-size={gop} complexity=low bitrate=200000 ! h264parse"
    " ! rtph264pay name=pay0 pt=96 )",
    "/h265": " ! x265enc key-int-max={gop} speed-preset=ultrafast tune=zerolatency ! h265parse"
    " ! rtph265pay name=pay0 pt=96 )",
}


def serve(port: str, gop: str, pattern: str) -> None:
    """Serve one made-up camera until standard input ends."""
    rtsp = ctypes.CDLL("libgstrtspserver-1.0.so.0")
    ctypes.CDLL("libgstreamer-1.0.so.0").gst_init(None, None)
    server = _pointer(rtsp.gst_rtsp_server_new)
    rtsp.gst_rtsp_server_set_address(server, b"127.0.0.1")
    rtsp.gst_rtsp_server_set_service(server, port.encode())
    mounts = _pointer(rtsp.gst_rtsp_server_get_mount_points, server)
    for path, coded in STREAMS.items():
        factory = _pointer(rtsp.gst_rtsp_media_factory_new)
        launch = (PICTURES + coded).format(gop=gop, pattern=pattern)
        rtsp.gst_rtsp_media_factory_set_launch(factory, launch.encode())
        rtsp.gst_rtsp_media_factory_set_shared(factory, 1)
        rtsp.gst_rtsp_mount_points_add_factory(mounts, path.encode(), factory)
    if not rtsp.gst_rtsp_server_attach(server, None):
        sys.exit("the port cannot be had")
    sys.stdout.write(f"{rtsp.gst_rtsp_server_get_bound_port(server)}\n")
    sys.stdout.flush()
    _run_until_input_ends()


def _pointer(function: Callable[..., Any], *given: object) -> ctypes.c_void_p:
    function.restype = ctypes.c_void_p
    return ctypes.c_void_p(function(*given))


def _run_until_input_ends() -> None:
    glib = ctypes.CDLL("libglib-2.0.so.0")
    loop = _pointer(glib.g_main_loop_new, None, 0)

    def quit_with_input() -> None:
        sys.stdin.read()
        glib.g_main_loop_quit(loop)

    threading.Thread(target=quit_with_input, daemon=True).start()
    glib.g_main_loop_run(loop)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], sys.argv[3])
