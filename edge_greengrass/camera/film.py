"""Reading film: what libav finds wrong with a file is an OSError, like the system's own faults."""

from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer

from edge_greengrass.camera.piece import Piece


class DamagedFilm(OSError):
    """What lies in the file is no film, or cannot be made one."""


@contextmanager
def opened(piece: Piece) -> Iterator[InputContainer]:
    """Open a piece that holds a video stream.

    Raises:
        DamagedFilm: it holds none, or what is read of it makes no sense.
        OSError: the disk failed, or the piece is gone.
    """
    with film_faults(piece.path.name), av.open(str(piece.path)) as film:
        if not film.streams.video:
            raise DamagedFilm(f"{piece.path.name}: no video")
        yield film


@contextmanager
def film_faults(name: str) -> Iterator[None]:
    """Name the file in what libav says of it.

    Raises:
        DamagedFilm: libav found a fault that is none of the system's.
    """
    try:
        yield
    except OSError:
        raise
    except av.FFmpegError as fault:
        raise DamagedFilm(f"{name}: {type(fault).__name__}: {fault}") from fault
