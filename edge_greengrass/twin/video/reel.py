"""A reel: one film in memory, as pictures of NAL units that can be sent one after another."""

from dataclasses import dataclass
from pathlib import Path

import av

_LENGTH_BYTES = 4


class BadFilm(Exception):
    """The file is no film that a twin's camera could play."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its NAL units, and when it is shown [s] after the reel's beginning."""

    at: float
    key: bool
    units: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Reel:
    """A film that goes round; `seconds` is its length, the first shot is a key frame."""

    parameters: tuple[bytes, ...]
    shots: tuple[Shot, ...]
    seconds: float


def reel(path: Path) -> Reel:
    """Read a film.

    Raises:
        BadFilm: not H.264 in MP4, or it does not begin with a key frame.
    """
    with av.open(str(path)) as opened:
        stream = opened.streams.video[0]
        if stream.codec_context.name != "h264" or not stream.codec_context.extradata:
            raise BadFilm(f"{path.name}: not H.264 in MP4")
        parameters = _parameters(stream.codec_context.extradata)
        packets = [one for one in opened.demux(stream) if one.size]
        base = stream.time_base or 1
        shots = tuple(
            Shot(float((one.pts or 0) * base), one.is_keyframe, _units(bytes(one)))
            for one in packets
        )
        seconds = float((stream.duration or 0) * base)
    if not shots or not shots[0].key:
        raise BadFilm(f"{path.name}: does not begin with a key frame")
    return Reel(parameters, shots, seconds)


def _parameters(configuration: bytes) -> tuple[bytes, ...]:
    """Give SPS and PPS of an avcC box (ISO/IEC 14496-15, 5.3.3.1)."""
    sets, place = [], 5
    for mask in (0x1F, 0xFF):
        count = configuration[place] & mask
        place += 1
        for _ in range(count):
            length = int.from_bytes(configuration[place : place + 2])
            sets.append(configuration[place + 2 : place + 2 + length])
            place += 2 + length
    return tuple(sets)


def _units(access_unit: bytes) -> tuple[bytes, ...]:
    """Take the length-prefixed NAL units of a picture apart."""
    units, place = [], 0
    while place < len(access_unit):
        begin = place + _LENGTH_BYTES
        place = begin + int.from_bytes(access_unit[place:begin])
        units.append(access_unit[begin:place])
    return tuple(units)
