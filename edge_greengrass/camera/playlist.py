"""Playlists of HTTP Live Streaming (RFC 8216) over pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from edge_greengrass.camera.piece import Piece


@dataclass(frozen=True, slots=True)
class Window:
    """What a live playlist shows: consecutive pieces from number `first` on.

    `breaks` counts the changes of session before the first piece, as players must be told.
    """

    pieces: Sequence[Piece]
    first: int
    breaks: int
    longest: float
    ended: bool = False


def live_playlist(window: Window) -> str:
    """Write the playlist; each piece bears its time, so that curves can be laid beside it."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{ceil(window.longest)}",
        f"#EXT-X-MEDIA-SEQUENCE:{window.first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{window.breaks}",
    ]
    before = None
    for piece in window.pieces:
        if before is not None and before.session != piece.session:
            lines.append("#EXT-X-DISCONTINUITY")
        at = piece.start.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{at}", f"#EXTINF:{piece.seconds:.3f},"]
        lines.append(piece.path.name)
        before = piece
    if window.ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
