"""A playlist of a device becomes one that shows its segments on the page's own origin."""

from plume.wire.playlist import with_paths

TOLD = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000,
0001.m4s
#EXTINF:2.000,
0002.m4s
#EXT-X-ENDLIST
"""


def test_each_file_name_becomes_its_path_and_all_else_stays() -> None:
    assert with_paths(TOLD, lambda name: f"/media/{name}?s=1") == (
        "#EXTM3U\n#EXT-X-VERSION:7\n"
        '#EXT-X-MAP:URI="/media/init.mp4?s=1"\n'
        "#EXTINF:2.000,\n/media/0001.m4s?s=1\n"
        "#EXTINF:2.000,\n/media/0002.m4s?s=1\n"
        "#EXT-X-ENDLIST\n"
    )


def test_a_device_cannot_send_a_browser_elsewhere() -> None:
    told = (
        "#EXTM3U\nhttps://elsewhere.example/a.ts\n../other/a.ts\n/api/me\n"
        '#EXT-X-KEY:METHOD=AES-128,URI="https://elsewhere.example/key"\na.ts\n'
    )
    assert with_paths(told, lambda name: f"/live/{name}") == "#EXTM3U\n/live/a.ts\n"


def test_a_segment_without_a_path_is_left_out() -> None:
    assert with_paths("#EXTM3U\nforeign.ts\n", lambda _: "") == "#EXTM3U\n"
