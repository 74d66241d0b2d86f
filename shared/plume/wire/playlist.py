"""HLS playlists (RFC 8216) as the devices write them: each segment named by its file name."""

import re
from collections.abc import Callable

_NAME = re.compile(r"[\w.-]{1,128}")
_NAMED = re.compile(r'URI="([^"]*)"')


def with_paths(playlist: str, path_of: Callable[[str], str]) -> str:
    """Give the playlist with a path in the place of each file name.

    A line that names no plain file beside the playlist, or one that `path_of` gives no path for,
    is left out: a device may not send a browser elsewhere.
    """
    lines = (_line(line.strip(), path_of) for line in playlist.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def _line(line: str, path_of: Callable[[str], str]) -> str:
    if not line.startswith("#"):
        return _path(line, path_of)
    named = _NAMED.search(line)
    if named is None:
        return line
    path = _path(named.group(1), path_of)
    return line.replace(named.group(0), f'URI="{path}"') if path else ""


def _path(name: str, path_of: Callable[[str], str]) -> str:
    return path_of(name) if _NAME.fullmatch(name) else ""
