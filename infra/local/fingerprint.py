"""One number for the content of many files: has anything changed since?"""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

SKIPPED = {"__pycache__", "node_modules", "dist", "cdk.out", "build"}


def fingerprint(*places: Path, also: Iterable[str] = ()) -> str:
    """Give the digest of every file below the places, and of the words beside them."""
    digest = sha256("\0".join(also).encode())
    for place in places:
        for path in sorted(_files(place)):
            digest.update(f"\0{path}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name not in SKIPPED]
        yield from (Path(folder) / name for name in names if not name.endswith(".pyc"))
